/** What erasing uses where nothing is said. */
import type { AutoErase } from "./detect.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";

/** Of Jiang et al. 2025 for LLaVA-1.5-7B and InstructBLIP-7B, which have 32 blocks; of other models like them, blocks at the same depth. */
const PUBLISHED = {
  projector: { layer: 19, textLayer: 21, alpha: 3.5, threshold: 0.1 },
  queries: { layer: 1, textLayer: 2, alpha: 1.5, threshold: 0.2 },
};
const PUBLISHED_BLOCKS = 32;

export interface EraseOptions {
  readonly layer?: number;
  readonly textLayer?: number;
  readonly alpha?: number;
  readonly threshold?: number;
  readonly joint?: true;
}

/** The options, else what the model's own configuration says, else the published settings. */
export function eraseSettings({ language, parts }: VisionLanguageModel, options: EraseOptions): AutoErase {
  const depth = language.config.layers / PUBLISHED_BLOCKS;
  const published = PUBLISHED[parts.bridge.kind];
  const own = parts.config.erase;
  return {
    layer: options.layer ?? own?.layer ?? Math.floor(published.layer * depth),
    textLayer: options.textLayer ?? own?.textLayer ?? Math.round(published.textLayer * depth),
    alpha: options.alpha ?? own?.alpha ?? published.alpha,
    threshold: options.threshold ?? own?.threshold ?? published.threshold,
    projection: options.joint ? "joint" : "sequential",
  };
}
