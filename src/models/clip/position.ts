/** Position tables for another grid than the one they were learnt on. */
import { constant } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { concat, reshape, slice } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import { interpolationMatrix, resizeMatrix } from "../../engine/media/resize-matrix.js";

/**
 * How a table is brought to another grid, always bicubically. "antialiased": OpenCLIP, timm and DINOv2 with registers. "plain":
 * Hugging Face's ViT, DINOv2 and SigLIP. "offset": the first releases of DINO and DINOv2, which tell torch a scale for a
 * tenth of a patch more than there are.
 */
export type PositionResampling = "antialiased" | "plain" | "offset";

/** What one axis of the grid is multiplied by, [to, from]. */
const MATRICES: Readonly<Record<PositionResampling, (from: number, to: number) => Float32Array>> = {
  antialiased: (from, to) => resizeMatrix(from, to, "bicubic"),
  plain: (from, to) => interpolationMatrix(from, to),
  offset: (from, to) => interpolationMatrix(from, to, (to + 0.1) / from),
};

/** Patches on each side of the grid that a table [rows, D] was learnt on, and whether its first row is the class token's. */
export function learntGrid(rows: number): { readonly grid: number; readonly classRow: boolean } {
  const patches = Number.isInteger(Math.sqrt(rows)) ? rows : rows - 1;
  return { grid: Math.sqrt(patches), classRow: patches < rows };
}

export interface PositionOptions {
  readonly grid: number;
  readonly resampling: PositionResampling;
  /** Tokens before the patches. Those that the table has no row for get none. */
  readonly prefix: number;
}

/** Positions [prefix + grid², D] from a table [g², D] or [1 + g², D]. The same table when nothing changes. */
export function positionTable(table: Value, { grid, resampling, prefix }: PositionOptions): Value {
  const [rows, width] = table.shape as [number, number];
  const { grid: learnt, classRow } = learntGrid(rows);
  const own = classRow ? 1 : 0;
  if (learnt === grid && own === prefix) return table;
  const patches = slice(table, 0, own, rows);
  const missing = prefix - own;
  return concat(
    [
      ...(classRow ? [slice(table, 0, 0, 1)] : []),
      ...(missing > 0 ? [constant(floatTensor(new Float32Array(missing * width), [missing, width]))] : []),
      learnt === grid ? patches : resampled(patches, learnt, grid, MATRICES[resampling](learnt, grid)),
    ],
    0,
  );
}

/**
 * [to², D] from [from², D], both in row-major order. Bicubic resampling is separable: one small product along the rows of
 * the grid and one along its columns, where a single matrix would have to²·from² elements.
 */
function resampled(cells: Value, from: number, to: number, matrix: Float32Array): Value {
  const width = cells.shape[1]!;
  const along = constant(floatTensor(matrix, [to, from]));
  const rows = matmul(along, reshape(cells, [from, from * width]));
  const both = matmul(along, reshape(rows, [to, from, width]));
  return reshape(both, [to * to, width]);
}
