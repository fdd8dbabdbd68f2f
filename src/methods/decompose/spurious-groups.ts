/** Fish and birds, in the sea and in the sky: the scenes, the answers, and how the groups fare. */
import { bootstrapEstimates, type Estimate, spreadOfDraws } from "../../engine/tensor/bootstrap.js";
import type { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { type Background, sampleScene, type Scene, type Shape } from "../../worlds/scenes/index.js";
import { attributeClasses, rowsOf, sceneBatches } from "../scene-classes.js";
import { meanAblation } from "./ablation.js";
import type { Ablation } from "./components.js";
import { headMargins } from "./head-margins.js";

export const SHAPES = ["fish", "bird"] as const satisfies readonly Shape[];
/** Each shape's own background first. */
export const GROUPS: readonly {
  readonly shape: (typeof SHAPES)[number];
  readonly background: Background;
  readonly own: boolean;
}[] = [
  { shape: "fish", background: "sea", own: true },
  { shape: "fish", background: "sky", own: false },
  { shape: "bird", background: "sky", own: true },
  { shape: "bird", background: "sea", own: false },
];

/** Hits of each group's scenes under each ablation: [ablation][group][scene]. */
export type Hits = readonly (readonly boolean[])[][];

/** As many scenes of each group, one group's after another's. */
export function groupScenes(random: Random, count: number): Scene[] {
  return GROUPS.flatMap(({ shape, background }) =>
    Array.from({ length: count }, () =>
      sampleScene(random, { objects: [1, 1], shapes: [shape], backgrounds: [background], combinations: "seen" }),
    ),
  );
}

export async function groupHits(clip: Clip, scenes: readonly Scene[], ablations: readonly Ablation[]): Promise<Hits> {
  const count = scenes.length / GROUPS.length;
  const classes = await shapeDirections(clip);
  const { predicted } = await meanAblation(clip, () => sceneBatches(clip, scenes, CHUNK), classes, ablations, {
    batch: 16,
  });
  return predicted.map(([told]) =>
    GROUPS.map(({ shape }, g) => Array.from({ length: count }, (_, i) => SHAPES[told![g * count + i]!] === shape)),
  );
}

/**
 * For each head, in the order of layers, how much further it pushes the answer towards the shape whose own background is there than
 * towards the shape that is there itself: the first is what the spurious cue does to it, the second what it should do.
 */
export async function backgroundPush(clip: Clip, scenes: readonly Scene[]): Promise<number[]> {
  const groupOf = (picture: number): number => Math.floor((picture * GROUPS.length) / scenes.length);
  const margins = await headMargins(
    clip,
    sceneBatches(clip, scenes, CHUNK),
    await shapeDirections(clip),
    groupOf,
    GROUPS.length,
  );
  return margins.map((means) => {
    const along = (sign: (group: (typeof GROUPS)[number]) => boolean): number =>
      GROUPS.reduce((sum, group, g) => sum + ((sign(group) ? 1 : -1) * means[g]!) / 2, 0);
    return along(({ background }) => background === "sea") - along(({ shape }) => shape === "fish");
  });
}

/** [2,D] */
export async function shapeDirections(clip: Clip): Promise<FloatTensor> {
  const { values, directions } = await attributeClasses((texts) => clip.encodeText(texts), "shape");
  const rows = SHAPES.map((shape) => rowsOf(directions)[values.indexOf(shape)]!);
  return floatTensor(Float32Array.from(rows.flatMap((row) => [...row])), [2, clip.parts.vision.features]);
}

const CHUNK = 64;

/** Average and worst accuracy of the mean over some ablations, over members of each group. */
export function summary(ablations: readonly Hits[number][], rate: number, members: Int32Array): number[] {
  const shares = GROUPS.map((_, g) => {
    let hits = 0;
    for (const ablation of ablations) for (const i of members) hits += Number(ablation[g]![i]!);
    return hits / (ablations.length * members.length);
  });
  const average = GROUPS.reduce((sum, { own }, g) => sum + (shares[g]! * (own ? rate : 1 - rate)) / 2, 0);
  return [average, Math.min(...shares)];
}

export function estimates(
  ablations: readonly Hits[number][],
  plain: Hits[number],
  rate: number,
  seed: number,
): Estimate[] {
  return bootstrapEstimates(
    plain[0]!.length,
    (members) => {
      const [own, before] = [summary(ablations, rate, members), summary([plain], rate, members)];
      return [...own, own[0]! - before[0]!, own[1]! - before[1]!];
    },
    { seed, resamples: 300 },
  );
}

/** Over draws: mean and middle 95% of average and worst group, and of their changes. */
export function spreadOf(draws: readonly (readonly number[])[], before: readonly number[]): Estimate[] {
  return [0, 1, 2, 3].map((i) => spreadOfDraws(draws.map((one) => one[i % 2]! - (i < 2 ? 0 : before[i % 2]!))));
}

export function groupEstimate(hits: readonly boolean[], seed: number): Estimate | undefined {
  const [estimate] = bootstrapEstimates(
    hits.length,
    (members) => [Array.from(members, (i) => Number(hits[i])).reduce((a, b) => a + b, 0) / members.length],
    { seed },
  );
  return estimate;
}

export const everyone = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
