/**
 * Heads that were found to tell places: holding them at their mean makes Waterbirds be told by the bird.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, section 5.1; layers and heads (from 0) as their public implementation lists them
 * (yossigandelsman/clip_prs): those whose texts speak of geography, and of settings. They mean something for these checkpoints only.
 */
import { UsageError } from "../../engine/errors.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { headsOfLayers } from "./ablation-runs.js";
import type { Ablation } from "./components.js";

export interface PublishedHeads {
  /** As OpenCLIP names it. */
  readonly checkpoint: string;
  readonly layers: number;
  /** Per layer. */
  readonly heads: number;
  readonly places: readonly HeadPlace[];
}

/** By short name. */
export const PUBLISHED_PLACE_HEADS = {
  "b-16": published("ViT-B-16 laion2b_s34b_b88k", 12, 12, [
    [11, 6],
    [11, 0],
    [11, 3],
    [10, 11],
    [10, 10],
    [9, 8],
    [9, 6],
  ]),
  "l-14": published("ViT-L-14 laion2b_s32b_b82k", 24, 16, [
    [21, 1],
    [22, 12],
    [22, 13],
    [21, 11],
    [21, 14],
    [23, 6],
    [21, 3],
    [21, 6],
    [21, 8],
    [21, 13],
    [22, 2],
    [22, 15],
    [23, 1],
    [23, 3],
    [23, 5],
  ]),
  "h-14": published("ViT-H-14 laion2b_s32b_b79k", 32, 16, [
    [31, 8],
    [30, 15],
    [30, 12],
    [30, 6],
    [29, 14],
    [29, 8],
    [31, 12],
    [30, 11],
    [29, 4],
  ]),
} as const;

export type PublishedName = keyof typeof PUBLISHED_PLACE_HEADS;

/** Of this many last layers, only the listed heads go. */
const LATE = 4;

/**
 * The ablation of the paper: the listed heads, all heads before the last 4 layers, all MLPs and the stream's start. `heads` puts others
 * in the place of the listed ones, as a control does. Throws {@link UsageError} for a model of other sizes.
 */
export function placeAblation(clip: Clip, name: PublishedName, heads?: readonly HeadPlace[]): Ablation {
  const { checkpoint, layers, heads: perLayer, places } = PUBLISHED_PLACE_HEADS[name];
  const { vision, ref } = clip.parts;
  if (vision.pooling !== "class" || vision.layers !== layers || vision.heads !== perLayer) {
    throw new UsageError({
      what: "the published heads are those of another model",
      where: ref,
      got: `${vision.layers} layers of ${vision.heads} heads`,
      expected: `${layers} layers of ${perLayer} heads: ${checkpoint}`,
      fix: "name heads of this model with --heads",
    });
  }
  const before = Array.from({ length: layers - LATE }, (_, layer) => layer);
  return {
    name: `heads that tell places (${checkpoint}), early heads and MLPs`,
    heads: [...(heads ?? places), ...headsOfLayers(clip, before)],
    mlps: Array.from({ length: layers }, (_, layer) => layer),
    start: true,
  };
}

function published(
  checkpoint: string,
  layers: number,
  heads: number,
  pairs: readonly (readonly [layer: number, head: number])[],
): PublishedHeads {
  return { checkpoint, layers, heads, places: pairs.map(([layer, head]) => ({ layer, head })) };
}
