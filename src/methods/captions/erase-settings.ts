/** What erasing uses where nothing is said. */
import type { AutoErase } from "./detect.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";

/** Of Jiang et al. 2025 for LLaVA-1.5-7B, which has 32 blocks; of other models, blocks at the same depth. */
const PUBLISHED = { blocks: 32, layer: 19, textLayer: 21, alpha: 3.5, threshold: 0.1 };

export interface EraseOptions {
  readonly layer?: number;
  readonly textLayer?: number;
  readonly alpha?: number;
  readonly threshold?: number;
  readonly joint?: true;
}

/** The options, else what the model's own configuration says, else the published settings. */
export function eraseSettings({ language, parts }: VisionLanguageModel, options: EraseOptions): AutoErase {
  const depth = language.config.layers / PUBLISHED.blocks;
  const own = parts.config.erase;
  return {
    layer: options.layer ?? own?.layer ?? Math.floor(PUBLISHED.layer * depth),
    textLayer: options.textLayer ?? own?.textLayer ?? Math.round(PUBLISHED.textLayer * depth),
    alpha: options.alpha ?? own?.alpha ?? PUBLISHED.alpha,
    threshold: options.threshold ?? own?.threshold ?? PUBLISHED.threshold,
    projection: options.joint ? "joint" : "sequential",
  };
}
