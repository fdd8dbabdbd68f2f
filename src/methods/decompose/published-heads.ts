/**
 * Heads that were found to tell places, by name of the OpenCLIP checkpoint: ablating them makes Waterbirds be told by the bird.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, section 5.1; layers and heads (from 0) as their public implementation lists them: those
 * whose texts speak of geography, and of settings. It also holds all heads before the last 4 layers and all MLPs at their means.
 */
import type { HeadPlace } from "../../models/clip/head-place.js";

type Pairs = readonly (readonly [layer: number, head: number])[];

const PAIRS: Readonly<Record<string, Pairs>> = {
  "ViT-B-16 laion2b_s34b_b88k": [
    [11, 6],
    [11, 0],
    [11, 3],
    [10, 11],
    [10, 10],
    [9, 8],
    [9, 6],
  ],
  "ViT-L-14 laion2b_s32b_b82k": [
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
  ],
  "ViT-H-14 laion2b_s32b_b79k": [
    [31, 8],
    [30, 15],
    [30, 12],
    [30, 6],
    [29, 14],
    [29, 8],
    [31, 12],
    [30, 11],
    [29, 4],
  ],
};

export const PUBLISHED_PLACE_HEADS: Readonly<Record<string, readonly HeadPlace[]>> = Object.fromEntries(
  Object.entries(PAIRS).map(([model, pairs]) => [model, pairs.map(([layer, head]) => ({ layer, head }))]),
);
