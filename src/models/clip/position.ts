/** Position tables for another grid than the one they were learnt on. */
import { constant } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/linear.js";
import { concat, slice } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import { resizeMatrix } from "../../engine/media/resize-matrix.js";

/**
 * The position table [1+g², D] resampled to [1+grid², D]: bicubic, antialiased, the class token's row untouched, as
 * OpenCLIP does (`resize_pos_embed`). The same table when the grids agree.
 */
export function resizedPositions(table: Value, grid: number): Value {
  const [tokens] = table.shape as [number];
  const learnt = Math.sqrt(tokens - 1);
  if (learnt === grid) return table;
  const resampled = matmul(constant(gridResizeMatrix(learnt, grid)), slice(table, 0, 1, tokens));
  return concat([slice(table, 0, 0, 1), resampled], 0);
}

/** [to², from²]: the separable resampling of a square grid in row-major order. */
function gridResizeMatrix(from: number, to: number): ReturnType<typeof floatTensor> {
  const line = resizeMatrix(from, to, "bicubic");
  const size = from * from;
  const matrix = new Float32Array(to * to * size);
  for (let row = 0; row < to * to; row++) {
    const y = Math.floor(row / to);
    const x = row % to;
    for (let column = 0; column < size; column++) {
      matrix[row * size + column] = line[y * from + Math.floor(column / from)]! * line[x * from + (column % from)]!;
    }
  }
  return floatTensor(matrix, [to * to, size]);
}
