/** Writes the trained model as a checkpoint folder in LLaVA's original layout. */
import { join } from "node:path";
import { exportParameters } from "../../engine/train/export.js";
import type { Parameters } from "../../engine/train/parameters.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import type { VlmConfig } from "../../models/vlm/config.js";
import { llavaConfig } from "../../models/vlm/write-config.js";
import { TOKENIZER_JSON } from "../clip-scenes/data.js";
import type { Sizes } from "./model.js";
import { TOWER, TOWER_LAYER } from "./settings.js";

/** Shown wherever the model speaks. */
const CAVEAT = "It has seen drawn scenes and nothing else (vitrine world scenes): of photographs it knows nothing.";

/** Weights are stored as F16. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeCaptioner(
  folder: string,
  parameters: Parameters,
  { language }: Sizes,
  about: string,
  chosen: Pick<VlmConfig, "erase" | "belief"> = {},
): Promise<void> {
  await makeFolder(folder);
  const metadata = { format: "pt", about, caveat: CAVEAT };
  await exportParameters(join(folder, "model.safetensors"), parameters, { dtype: "F16", metadata });
  const config = llavaConfig(
    language,
    { tower: TOWER, layer: TOWER_LAYER },
    { prompt: "<image>", tied: true, ...chosen },
  );
  await writeWhole(join(folder, "config.json"), JSON.stringify(config, null, 1) + "\n");
  await writeWhole(join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER_JSON));
}
