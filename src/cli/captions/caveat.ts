import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { printable } from "../terminal-text.js";

/** What is to be said wherever a model speaks, if its weights say so. */
export function modelCaveat({ parts }: VisionLanguageModel): string | undefined {
  const { caveat } = parts.metadata;
  return caveat === undefined ? undefined : printable(caveat);
}
