/** What cells carry over many pairs of pictures: one pair is one example. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { PatchGrid } from "./patch-grid.js";

/** By cell, in the order of the plan; intervals of 95% by resampling pairs. */
export interface PooledCell {
  /** As in `Recovery`, but effects and differences in score are added up over pairs before they are divided. */
  readonly denoising: Estimate;
  readonly noising: Estimate;
  /** Of the mean over each pair's controls; only if all have some, as is `lead`. */
  readonly control?: Estimate;
  /** `denoising` less `control`. */
  readonly lead?: Estimate;
}

export interface PooledRecovery {
  readonly pairs: number;
  /** Mean difference in score. */
  readonly gap: Estimate;
  readonly cells: readonly PooledCell[];
}

/** Pools grids of one plan over pairs that ask the same. `seed` is that of resampling. Throws RangeError without grids. */
export function pooledRecovery(grids: readonly PatchGrid[], { seed }: { readonly seed: number }): PooledRecovery {
  const [first] = grids;
  if (first === undefined) throw new RangeError("no grids to pool");
  const cells = first.plan.cells.length;
  const withControls = grids.every(({ controls }) => controls !== undefined);
  const kinds = withControls ? 4 : 2;
  const effects = grids.map((grid) => effectsOf(grid, kinds, cells));
  const gaps = grids.map(({ clean_score, corrupted_score }) => clean_score - corrupted_score);
  const [gap, ...pooled] = bootstrapEstimates(
    grids.length,
    (members) => {
      const sums = new Float64Array(kinds * cells);
      let total = 0;
      for (const member of members) {
        total += gaps[member]!;
        const own = effects[member]!;
        for (let i = 0; i < sums.length; i++) sums[i]! += own[i]!;
      }
      return [total / members.length, ...sums.map((sum) => sum / total)];
    },
    { seed },
  );
  return {
    pairs: grids.length,
    gap: gap!,
    cells: Array.from({ length: cells }, (_, i) => ({
      denoising: pooled[i]!,
      noising: pooled[cells + i]!,
      ...(withControls && { control: pooled[2 * cells + i]!, lead: pooled[3 * cells + i]! }),
    })),
  };
}

/** Changes of score in one pair: by denoising, by noising, by controls, and by how much the first leads the last. */
function effectsOf(
  { denoised, noised, controls, clean_score, corrupted_score }: PatchGrid,
  kinds: number,
  cells: number,
): Float64Array {
  const out = new Float64Array(kinds * cells);
  for (let i = 0; i < cells; i++) {
    out[i] = denoised.data[i]! - corrupted_score;
    out[cells + i] = clean_score - noised.data[i]!;
    if (kinds === 2) continue;
    out[2 * cells + i] = meanControl(controls!, i, cells) - corrupted_score;
    out[3 * cells + i] = out[i]! - out[2 * cells + i]!;
  }
  return out;
}

function meanControl({ data }: FloatTensor, cell: number, cells: number): number {
  let sum = 0;
  for (let at = cell; at < data.length; at += cells) sum += data[at]!;
  return (sum * cells) / data.length;
}
