/** From a checkpoint on disk or on the hub to a {@link VisionLanguageModel}. */
import type { Device } from "../../engine/runtime/session.js";
import { assembleClip, type ClipFiles } from "../clip/assemble.js";
import type { Clip } from "../clip/clip.js";
import { loadClip, locateFiles } from "../clip/load.js";
import type { HubAccess } from "../locate.js";
import { assembleVlm } from "./assemble.js";
import { checkMemory } from "./check-memory.js";
import { hasProjector } from "./layout.js";
import type { VisionLanguageModel } from "./vision-language-model.js";

export interface LoadVlmOptions extends HubAccess {
  readonly device?: Device;
  /** The vision tower, where the checkpoint names one that lies elsewhere. */
  readonly tower?: string;
}

/**
 * Loads a LLaVA-1.5 or a model built like it, of Hugging Face's or the original layout, or Hugging Face's InstructBLIP. Nothing is computed
 * and no weight is read yet. Throws what `loadClip` throws, `WrongFamilyError` for a checkpoint with neither a projector nor a Q-Former,
 * `ImageTokenCountError`, and `MemoryShortError`.
 */
export async function loadVlm(ref: string, options: LoadVlmOptions = {}): Promise<VisionLanguageModel> {
  return assembleHere(await locateFiles(ref, options), options);
}

/** Loads whichever a checkpoint is. Throws what `loadClip` and `loadVlm` throw. */
export async function loadClipOrVlm(ref: string, options: LoadVlmOptions = {}): Promise<Clip | VisionLanguageModel> {
  const files = await locateFiles(ref, options);
  return hasProjector(files.checkpoint) ? assembleHere(files, options) : assembleClip(files, options);
}

function assembleHere(files: ClipFiles, options: LoadVlmOptions): Promise<VisionLanguageModel> {
  return assembleVlm(files, (tower) => loadClip(options.tower ?? tower, options), { ...options, checkMemory });
}
