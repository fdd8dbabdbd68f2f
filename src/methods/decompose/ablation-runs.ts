/** The ablations of the paper, and heads drawn at random to set beside chosen ones. */
import { UsageError } from "../../engine/errors.js";
import type { Random } from "../../engine/tensor/random.js";
import type { Clip } from "../../models/clip/clip.js";
import { allHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { readLayers } from "../../models/clip/readout.js";
import type { Ablation } from "./components.js";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Throws {@link UsageError} for a model with fewer than two layers to read from: none is early, none late. */
export function requireLayers(clip: Clip): void {
  const layers = readLayers(clip.parts.vision);
  if (layers >= 2) return;
  throw new UsageError({
    what: "no early and late layers to tell apart",
    where: clip.parts.ref,
    got: `${layers} layer that the features are read from`,
    expected: "2 or more",
  });
}

/** All heads of these layers. */
export function headsOfLayers(clip: Clip, layers: readonly number[]): HeadPlace[] {
  return layers.flatMap((layer) => upTo(clip.parts.vision.heads).map((head) => ({ layer, head })));
}

/** Table 1 of the paper: nothing; all MLPs and the stream's start; what the class token takes from itself; both. */
export function paperAblations(clip: Clip): Ablation[] {
  const layers = upTo(readLayers(clip.parts.vision));
  const mlps = { mlps: layers, start: true };
  return [
    { name: "nothing" },
    { name: "all MLPs", ...mlps },
    { name: "class token to itself", selves: layers },
    { name: "MLPs and class token to itself", ...mlps, selves: layers },
  ];
}

/** Figure 2 of the paper: all heads of layers 0 to j, for every j. */
export function cumulativeSweep(clip: Clip): Ablation[] {
  return upTo(readLayers(clip.parts.vision)).map((layer) => ({
    name: layer === 0 ? "heads of layer 0" : `heads of layers 0 to ${layer}`,
    heads: headsOfLayers(clip, upTo(layer + 1)),
  }));
}

/** `draws` times `count` different heads. */
export function randomHeads(clip: Clip, count: number, draws: number, random: Random): HeadPlace[][] {
  const all = allHeads(clip);
  return Array.from({ length: draws }, () => random.shuffled(all).slice(0, count));
}
