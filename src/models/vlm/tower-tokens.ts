/** What a language model is given of a picture: tokens of a vision tower. */
import { slice } from "../../engine/graph/ops/shaping.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../clip/clip.js";
import { LayerRangeError } from "../language/errors.js";

export interface TowerTokensOptions {
  /**
   * As Transformers' `vision_feature_layer`: 0 is what the first block gets, n what block n-1 (from 0) leaves; negative numbers count from
   * the end, -1 being what the last block leaves. "normed": what the tower's last norm leaves.
   */
  readonly layer: number | "normed";
  /** Keep the class token and registers; default false. */
  readonly withPrefix?: boolean;
  /** Pictures a run. */
  readonly batch?: number;
}

/** [B,P,width] of pixels [B,3,S,S]. Throws {@link LayerRangeError} for a layer that the tower has not. */
export async function towerTokens(
  clip: Clip,
  pixels: FloatTensor,
  { layer, withPrefix = false, batch }: TowerTokensOptions,
): Promise<FloatTensor> {
  const { prefix, tokens } = clip.parts.vision;
  clip.checkPixels(pixels);
  const name = siteOf(clip, layer);
  const first = withPrefix ? 0 : prefix;
  const found = await clip.vision.run(
    `tokens:${name}:${first}`,
    { pixels },
    (graph) => ({ tokens: slice(graph.site(name), 1, first, tokens) }),
    batch === undefined ? {} : { batch },
  );
  return found.tokens;
}

function siteOf({ parts }: Clip, layer: TowerTokensOptions["layer"]): string {
  if (layer === "normed") return "visual.post_norm";
  const { layers } = parts.vision;
  const place = layer < 0 ? layers + 1 + layer : layer;
  if (!(Number.isInteger(place) && place >= 0 && place <= layers)) {
    throw new LayerRangeError({
      what: "the vision tower has no such layer",
      where: parts.ref,
      got: String(layer),
      expected: `from ${-layers - 1} to ${layers}`,
    });
  }
  return place === 0 ? "visual.blocks.0.resid_pre" : `visual.blocks.${place - 1}.resid_post`;
}
