/** What a language model is given of a picture: tokens of a vision tower. */
import { UsageError } from "../../engine/errors.js";
import { slice } from "../../engine/graph/ops/shaping.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../clip/clip.js";

export interface TowerTokensOptions {
  /**
   * As Transformers' `vision_feature_layer`: 0 is what the first block gets, n what block n-1 (from 0) leaves; negative numbers count from
   * the end, -1 being what the last block leaves.
   */
  readonly layer: number;
  /** Keep the class token and registers; default false. */
  readonly withPrefix?: boolean;
  /** Pictures a run. */
  readonly batch?: number;
}

/** [B,P,width] of pixels [B,3,S,S]. Throws `UsageError` for a layer that the tower has not. */
export async function towerTokens(
  clip: Clip,
  pixels: FloatTensor,
  { layer, withPrefix = false, batch }: TowerTokensOptions,
): Promise<FloatTensor> {
  const { layers, prefix, tokens } = clip.parts.vision;
  const place = layer < 0 ? layers + 1 + layer : layer;
  if (!(Number.isInteger(place) && place >= 0 && place <= layers)) {
    throw new UsageError({
      what: "the vision tower has no such layer",
      where: clip.parts.ref,
      got: String(layer),
      expected: `from ${-layers - 1} to ${layers}`,
    });
  }
  clip.checkPixels(pixels);
  const name = place === 0 ? "visual.blocks.0.resid_pre" : `visual.blocks.${place - 1}.resid_post`;
  const first = withPrefix ? 0 : prefix;
  const found = await clip.vision.run(
    `tokens:${place}:${first}`,
    { pixels },
    (graph) => ({ tokens: slice(graph.site(name), 1, first, tokens) }),
    batch === undefined ? {} : { batch },
  );
  return found.tokens;
}
