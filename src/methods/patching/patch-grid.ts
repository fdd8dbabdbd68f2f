/**
 * Activation patching: how much of a difference between two pictures each cell of a site carries.
 *
 * Source: Vig et al. 2020, "Investigating Gender Bias in Language Models Using Causal Mediation Analysis"; Meng et al. 2022,
 * "Locating and Editing Factual Associations in GPT" (section 2.1, causal tracing); for both directions and for scores as a
 * recovered fraction, Heimersheim, Nanda 2024, "How to use and interpret activation patching".
 */
import { dotRows, normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { Patcher, type PatchRunOptions } from "./patcher.js";
import type { PatchPlan, PatchSiteOptions } from "./plan.js";

/** Pixels [1,3,S,S] of each. */
export interface PatchPictures {
  readonly clean: FloatTensor;
  readonly corrupted: FloatTensor;
  /** Pictures that have nothing to do with the other two: what any patch does. */
  readonly controls?: readonly FloatTensor[];
}

export interface PatchGridOptions extends PatchSiteOptions {
  /** Rows of the model per run; default 16. */
  readonly batch?: number;
  /** Told how many patches are done, of one for each cell, both ways and with each control. */
  readonly onProgress?: (done: number) => void;
}

/** Scores are cosines with a text, or differences of two. Grids are [S,H,N] as in the plan: 1 for what is not told apart. */
export interface PatchGrid {
  readonly plan: PatchPlan;
  readonly clean_score: number;
  readonly corrupted_score: number;
  readonly control_scores: readonly number[];
  /** The corrupted picture with each cell of the clean one (denoising). */
  readonly denoised: FloatTensor;
  /** The clean picture with each cell of the corrupted one (noising). */
  readonly noised: FloatTensor;
  /** The corrupted picture with each cell of each control, [C,S,H,N]; only with controls. */
  readonly controls?: FloatTensor;
}

/**
 * Patches every cell by itself, both ways. `direction` [1,D]: a text's unit direction, or the difference of two.
 * Throws `PixelShapeError`, `UnknownSiteError`, and `UsageError` for a unit that the site has not.
 */
export async function patchGrid(
  clip: Clip,
  pictures: PatchPictures,
  direction: FloatTensor,
  { batch, onProgress, ...site }: PatchGridOptions = {},
): Promise<PatchGrid> {
  await using patcher = new Patcher(clip, site);
  return await gridOf(patcher, pictures, direction, {
    ...(batch !== undefined && { batch }),
    ...(onProgress && { onProgress }),
  });
}

/** As {@link patchGrid}, with a patcher that serves for many pictures. */
export async function gridOf(
  patcher: Patcher,
  { clean, corrupted, controls = [] }: PatchPictures,
  direction: FloatTensor,
  { batch, onProgress }: PatchRunOptions = {},
): Promise<PatchGrid> {
  const { plan } = patcher;
  const sets = plan.cells.map((cell) => [cell]);
  const pairs = [
    { source: clean, target: corrupted },
    { source: corrupted, target: clean },
    ...controls.map((control) => ({ source: control, target: corrupted })),
  ];
  const scores: Scores[] = [];
  for (const [i, pair] of pairs.entries()) {
    const tell = (done: number): void => onProgress?.(i * sets.length + done);
    const features = await patcher.features(pair, sets, { ...(batch !== undefined && { batch }), onProgress: tell });
    scores.push({
      source: scoresOf(features.source, direction)[0]!,
      target: scoresOf(features.target, direction)[0]!,
      patched: scoresOf(features.patched, direction),
    });
  }
  const [denoising, noising, ...others] = scores as [Scores, Scores, ...Scores[]];
  return {
    plan,
    clean_score: denoising.source,
    corrupted_score: denoising.target,
    control_scores: others.map(({ source }) => source),
    denoised: floatTensor(denoising.patched, plan.grid),
    noised: floatTensor(noising.patched, plan.grid),
    ...(others.length > 0 && { controls: stacked(others, plan) }),
  };
}

interface Scores {
  readonly source: number;
  readonly target: number;
  readonly patched: Float32Array;
}

function scoresOf(features: FloatTensor, direction: FloatTensor): Float32Array {
  return dotRows(normaliseRows(features), direction).data;
}

function stacked(scores: readonly Scores[], { grid, cells }: PatchPlan): FloatTensor {
  const data = new Float32Array(scores.length * cells.length);
  for (const [i, { patched }] of scores.entries()) data.set(patched, i * cells.length);
  return floatTensor(data, [scores.length, ...grid]);
}
