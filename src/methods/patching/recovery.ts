/** Patched scores as fractions of the difference that the two pictures make. */
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { PatchGrid } from "./patch-grid.js";

/** Scores closer than this are taken for equal: a fraction of their difference would be rounding noise, magnified. */
export const SMALLEST_GAP = 1e-3;

/** Grids as in {@link PatchGrid}. */
export interface Recovery {
  /**
   * "fraction": of clean less corrupted score, 0 for no effect and 1 for all of it. "score": the scores are within
   * {@link SMALLEST_GAP}, and effects are differences of scores instead.
   */
  readonly unit: "fraction" | "score";
  /** How far each cell of the clean picture raises the corrupted one's score towards the clean one's. */
  readonly denoising: FloatTensor;
  /** How far each cell of the corrupted picture lowers the clean one's score towards the corrupted one's. */
  readonly noising: FloatTensor;
  /** As `denoising`, for cells of each control picture [C,S,H,N]; and the mean over these pictures. */
  readonly controls?: FloatTensor;
  readonly control?: FloatTensor;
}

export function recovery({ clean_score, corrupted_score, denoised, noised, controls }: PatchGrid): Recovery {
  const gap = clean_score - corrupted_score;
  const unit = Math.abs(gap) < SMALLEST_GAP ? "score" : "fraction";
  const over = unit === "fraction" ? gap : 1;
  const effects = ({ data, shape }: FloatTensor, from: number, sign: 1 | -1): FloatTensor =>
    floatTensor(
      data.map((score) => (sign * (score - from)) / over),
      shape,
    );
  const ofControls = controls && effects(controls, corrupted_score, 1);
  return {
    unit,
    denoising: effects(denoised, corrupted_score, 1),
    noising: effects(noised, clean_score, -1),
    ...(ofControls && { controls: ofControls, control: meanOverFirst(ofControls) }),
  };
}

function meanOverFirst({ data, shape }: FloatTensor): FloatTensor {
  const [count, ...rest] = shape as [number, ...number[]];
  const size = data.length / count;
  const sums = new Float64Array(size);
  data.forEach((value, i) => (sums[i % size]! += value));
  return floatTensor(
    Float32Array.from(sums, (sum) => sum / count),
    rest,
  );
}

export interface RankedCell {
  /** Index into the plan's cells. */
  readonly cell: number;
  readonly denoising: number;
  readonly noising: number;
  readonly control?: number;
}

/** Cells by the size of what they do when they are put in, the strongest first. */
export function rankCells({ denoising, noising, control }: Recovery): RankedCell[] {
  return Array.from(denoising.data, (value, cell): RankedCell => ({
    cell,
    denoising: value,
    noising: noising.data[cell]!,
    ...(control && { control: control.data[cell]! }),
  })).sort((a, b) => Math.abs(b.denoising) - Math.abs(a.denoising));
}
