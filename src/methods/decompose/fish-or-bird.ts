/**
 * Fish or bird, in the sea or in the sky: how often a changed model tells them right, on average and in its worst group, beside the
 * model as it is and beside as many heads drawn at random.
 */
import { type Estimate, spreadOfDraws } from "../../engine/tensor/bootstrap.js";
import { seeded } from "../../engine/train/seeds.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { type ComparedAccuracies, groupAccuracies, type GroupedTruth } from "./group-accuracy.js";
import { GROUPS, groupScenes, shapeDirections, SHAPES } from "./spurious-groups.js";
import { nearestRow, rowsOf, scenePixels } from "../scene-classes.js";

export interface FishOrBird {
  /** [n,3,S,S], as many of each group. */
  readonly pixels: FloatTensor;
  readonly truth: GroupedTruth & { readonly groups: readonly string[] };
  /** [2,D], of the model as it is: texts are not changed. */
  readonly directions: FloatTensor;
}

/** Names in the order of {@link GROUPS}: "fish, sea". */
export const GROUP_NAMES: readonly string[] = GROUPS.map(({ shape, background }) => `${shape}, ${background}`);

/**
 * `perGroup` scenes of one object for each group. In the average, a shape before its own background counts as often as `rate` says that it
 * stands there in training.
 */
export async function fishOrBird(
  clip: Clip,
  { seed, perGroup, rate }: { readonly seed: number; readonly perGroup: number; readonly rate: number },
): Promise<FishOrBird> {
  const scenes = groupScenes(seeded(seed, "fish or bird"), perGroup);
  const groupOf = (i: number): number => Math.floor(i / perGroup);
  return {
    pixels: scenePixels(clip, scenes),
    truth: {
      labels: scenes.map((_, i) => SHAPES.indexOf(GROUPS[groupOf(i)]!.shape)),
      groups: scenes.map((_, i) => GROUP_NAMES[groupOf(i)]!),
      weights: Object.fromEntries(GROUPS.map(({ own }, g) => [GROUP_NAMES[g]!, own ? rate : 1 - rate])),
    },
    directions: await shapeDirections(clip),
  };
}

export interface AnswerOptions {
  /** Pictures per run of the model; default 16. */
  readonly batch?: number;
  /** Told how many pictures were answered; may throw to stop. */
  readonly onProgress?: (done: number) => void;
}

/** Of each picture, 0 for a fish and 1 for a bird. */
export async function answersOf(
  clip: Clip,
  { pixels, directions }: Pick<FishOrBird, "pixels" | "directions">,
  { batch = 16, onProgress }: AnswerOptions = {},
): Promise<number[]> {
  const classes = rowsOf(directions);
  const [count, ...rest] = pixels.shape as [number, ...number[]];
  const size = pixels.data.length / count;
  const answers: number[] = [];
  for (let start = 0; start < count; start += batch) {
    const end = Math.min(count, start + batch);
    const some = { ...pixels, shape: [end - start, ...rest], data: pixels.data.subarray(start * size, end * size) };
    answers.push(...rowsOf(await clip.encodeImage(some, { batch })).map((row) => nearestRow(row, classes)));
    onProgress?.(end);
  }
  return answers;
}

/** The model as it is, then the changed one. Intervals of 95% by resampling pictures. */
export function comparedAnswers(
  before: readonly number[],
  after: readonly number[],
  truth: GroupedTruth,
  seed: number,
): readonly [before: ComparedAccuracies, after: ComparedAccuracies] {
  return groupAccuracies([before, after], truth, { seed, resamples: 500 }) as [ComparedAccuracies, ComparedAccuracies];
}

export interface DrawnAccuracies {
  readonly draws: number;
  /** Mean over draws, and the least to the largest of the middle 95% of them. */
  readonly average: Estimate;
  readonly worst: Estimate;
}

/** Over the answers of random draws. Throws a RangeError for none. */
export function drawnAccuracies(draws: readonly (readonly number[])[], truth: GroupedTruth): DrawnAccuracies {
  const figures = groupAccuracies(draws, truth, { seed: 0, resamples: 1 });
  return {
    draws: draws.length,
    average: spreadOfDraws(figures.map(({ average }) => average.value)),
    worst: spreadOfDraws(figures.map(({ worst }) => worst.value)),
  };
}
