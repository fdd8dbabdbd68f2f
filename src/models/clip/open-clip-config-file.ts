/** Writes OpenCLIP's configuration; `open-clip-config.ts` reads it. */
import type { Architecture } from "./architectures.js";
import type { TextSizes } from "./open-clip-tensors.js";
import type { Preprocessing } from "./preprocess.js";
import type { Activation } from "./transformer.js";

export interface ConfigSettings extends Pick<Preprocessing, "mean" | "std"> {
  readonly activation: Activation;
}

/** The content of `open_clip_config.json`. */
export function openClipConfig(
  { vision, text, features }: Architecture,
  { vocabulary, contextLength }: TextSizes,
  { activation, mean, std }: ConfigSettings,
): object {
  return {
    model_cfg: {
      embed_dim: features,
      quick_gelu: activation === "quick_gelu",
      vision_cfg: {
        image_size: vision.imageSize,
        layers: vision.layers,
        width: vision.width,
        head_width: vision.width / vision.heads,
        patch_size: vision.patchSize,
      },
      text_cfg: {
        context_length: contextLength,
        vocab_size: vocabulary,
        width: text.width,
        heads: text.heads,
        layers: text.layers,
      },
    },
    preprocess_cfg: { mean, std },
  };
}
