/** From the bytes of a checkpoint's files to a {@link VisionLanguageModel}: for browsers, which have no file system. */
import { filesInMemory, type ModelFiles } from "../clip/load-bytes.js";
import { assembleVlm, type AssembleVlmOptions, type OpenTower } from "./assemble.js";
import type { VisionLanguageModel } from "./vision-language-model.js";

/**
 * As `loadVlm`, of files in memory, which must stay as they are. `ref` names the model in messages; `openTower` is asked for the vision
 * tower where the checkpoint names one that lies elsewhere. Disposing of the model disposes of its tower.
 */
export async function loadVlmFromBytes(
  ref: string,
  files: ModelFiles,
  openTower: OpenTower,
  options: AssembleVlmOptions = {},
): Promise<VisionLanguageModel> {
  return assembleVlm(await filesInMemory(ref, files), openTower, options);
}
