/** Position tables for another grid than the one they were learnt on. */
import { constant } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { concat, reshape, slice } from "../../engine/graph/ops/shaping.js";
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
  return concat([slice(table, 0, 0, 1), resampled(slice(table, 0, 1, tokens), learnt, grid)], 0);
}

/**
 * [to², D] from [from², D], both in row-major order. Bicubic resampling is separable: one small product along the rows of
 * the grid and one along its columns, where a single matrix would have to²·from² elements.
 */
function resampled(cells: Value, from: number, to: number): Value {
  const width = cells.shape[1]!;
  const along = constant(floatTensor(resizeMatrix(from, to, "bicubic"), [to, from]));
  const rows = matmul(along, reshape(cells, [from, from * width]));
  const both = matmul(along, reshape(rows, [to, from, width]));
  return reshape(both, [to * to, width]);
}
