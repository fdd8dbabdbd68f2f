/** A model with the sizes of another and random weights: what a claim about the trained one is measured beside. */
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TowerSizes } from "./architectures.js";
import type { Clip } from "./clip.js";
import { MissingPartError } from "./errors.js";
import { loadClip } from "./load.js";
import { writeRandomCheckpoint } from "./random-checkpoint.js";

/**
 * Writes random weights into `folder`, which must stay while the model is used, and loads them: sizes, tokenizer and normalisation of pixels as the
 * given model's. Throws {@link MissingPartError} for a model that is no CLIP, or cannot read texts.
 */
export async function untrainedLike(
  { parts, device }: Clip,
  { folder, seed }: { readonly folder: string; readonly seed: number },
): Promise<Clip> {
  const { vision, text, tokenizer, preprocessing, source, ref, weights } = parts;
  if (text === undefined || tokenizer === undefined || source.family !== "clip") {
    throw new MissingPartError({
      what: "there is no untrained model like this one",
      where: ref,
      got: text === undefined || tokenizer === undefined ? "a model that cannot read texts" : source.family,
      expected: "a CLIP with both towers and a tokenizer",
      fix: "use such a checkpoint",
    });
  }
  const home = (await stat(source.path)).isDirectory() ? source.path : dirname(source.path);
  const { features, imageSize, patchSize } = vision;
  const read = { vocabulary: text.vocabulary, contextLength: text.contextLength };
  await writeRandomCheckpoint(
    folder,
    {
      vision: { ...towerSizes(vision, vision.hidden), imageSize, patchSize },
      text: towerSizes(text, weights.text!.blocks[0]!.fc1.weight.shape[0]!),
      features,
    },
    {
      seed,
      activation: vision.activation,
      reading: { ...read, tokenizer: await readFile(join(home, "tokenizer.json"), "utf8") },
      normalisation: preprocessing,
    },
  );
  return loadClip(folder, { device });
}

function towerSizes({ layers, width, heads }: Omit<TowerSizes, "hidden">, hidden: number): TowerSizes {
  return { layers, width, heads, hidden };
}
