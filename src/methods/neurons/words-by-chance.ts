/** How much of a direction that means nothing a few texts make up: what is said of neurons is held against it. */
import type { Device } from "../../engine/runtime/session.js";
import type { Random } from "../../engine/tensor/random.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { sparseText } from "./sparse-text.js";

export interface ChanceDirections {
  readonly atoms: number;
  readonly draws?: number;
  readonly random: Random;
  readonly device?: Device;
}

/** Mean `explained` of {@link sparseText} over unit directions drawn at random. `dictionary` as `textDictionary` makes it. */
export async function explainedByChance(
  dictionary: FloatTensor,
  { atoms, draws = 16, random, device = "cpu" }: ChanceDirections,
): Promise<number> {
  const width = dictionary.shape[1]!;
  const directions = normaliseRows(floatTensor(random.centred(draws * width, 1), [draws, width]));
  const found = await sparseText(directions, dictionary, { atoms, device });
  return found.reduce((sum, { explained }) => sum + explained / draws, 0);
}
