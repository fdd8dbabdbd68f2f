/** Writes the trained model as a checkpoint folder in OpenCLIP's layout. */
import { join } from "node:path";
import { exportParameters } from "../../engine/train/export.js";
import type { Parameters } from "../../engine/train/parameters.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { openClipConfig } from "../../models/clip/open-clip-config-file.js";
import { sceneTokenizer, TOKENIZER_JSON } from "./data.js";
import { ARCHITECTURE, BLOCKS, CONTEXT_LENGTH, NORMALISATION } from "./settings.js";

/** Shown wherever the model speaks. */
const CAVEAT = "It has seen drawn scenes and nothing else (vitrine world scenes): of photographs it knows nothing.";

/** Weights are stored as F16. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeSceneClip(folder: string, parameters: Parameters, about: string): Promise<void> {
  await makeFolder(folder);
  const metadata = { format: "pt", about, caveat: CAVEAT };
  await exportParameters(join(folder, "open_clip_model.safetensors"), parameters, { dtype: "F16", metadata });
  const sizes = { vocabulary: sceneTokenizer().vocabularySize, contextLength: CONTEXT_LENGTH };
  const config = openClipConfig(ARCHITECTURE, sizes, { ...BLOCKS, ...NORMALISATION });
  await writeWhole(join(folder, "open_clip_config.json"), JSON.stringify(config, null, 1) + "\n");
  await writeWhole(join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER_JSON));
}
