/**
 * TextSpan of many heads at once, from the moments of their coordinates.
 *
 * @file All that a head contributes lies in the space of its map's d+3 rows. An orthonormal basis of that space, turned to the
 * axes along which the pictures spread, gives TextSpan's coordinates without a contribution being made: the cost depends on
 * heads and texts, not on pictures. Only the projection of the pool is large, and runs in a graph, all heads of a layer at once.
 */
import { constant, input } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { reshape, transpose } from "../../engine/graph/ops/shaping.js";
import { compile } from "../../engine/runtime/compile.js";
import { eigenSymmetric } from "../../engine/tensor/eigen.js";
import { dotAt, times, timesTransposed } from "../../engine/tensor/products.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { pickGreedily, type RowSpread } from "./greedy-span.js";
import type { HeadMoments, HeadStatistics } from "./head-statistics.js";
import { checkSpan, directionsOf, numericalRank, type TextSpan, type TextSpanOptions } from "./text-span.js";

export interface HeadSpan extends HeadPlace, TextSpan {}

/** Heads whose texts are projected in one run: one product of several heads' directions costs less than one for each. */
const AT_ONCE = 16;
/** Of the largest: a head's map has no direction where the sum of squares is less. */
const NO_DIRECTION = 1e-14;

/**
 * The texts of the pool [M,D] (unit rows) that span what each head says of the pictures; `maps` as `headMaps` gives them. Equal to
 * `textSpan` of each head's contributions. Throws `UsageError` for a count or rank that the pool or the heads cannot give.
 */
export async function headSpans(
  clip: Clip,
  { heads, count: rows }: HeadStatistics,
  maps: readonly Float64Array[],
  pool: FloatTensor,
  options: TextSpanOptions,
): Promise<HeadSpan[]> {
  const { features } = clip.parts.vision;
  checkSpan({ rows, width: features }, pool, options);
  const axes = heads.map(({ moments }, i) => mainAxes(moments, maps[i]!, features, options.rank));
  await using projected = await projection(clip, pool, Math.max(...axes.map(({ spread }) => spread.values.length)));
  const spans: HeadSpan[] = [];
  for (let start = 0; start < heads.length; start += AT_ONCE) {
    const group = axes.slice(start, start + AT_ONCE);
    const texts = await projected.texts(group.map(({ vectors }) => vectors));
    for (const [i, { spread, vectors }] of group.entries()) {
      const { layer, head } = heads[start + i]!;
      const rank = spread.values.length;
      const { picks, explained, basis } = pickGreedily(spread, texts[i]!, options.count);
      spans.push({ layer, head, picks, explained, directions: directionsOf(basis, vectors, rank, features), rank });
    }
  }
  return spans;
}

interface Axes {
  readonly spread: RowSpread;
  /** [r,D], orthonormal. */
  readonly vectors: Float64Array;
}

/** The axes of a head's contributions, uncentred, the strongest first. */
function mainAxes(
  { products, sum, count, width }: HeadMoments["moments"],
  map: Float64Array,
  features: number,
  rank?: number,
): Axes {
  const gram = gramOf(map, width, features);
  const { values: lengths, vectors: turns } = eigenSymmetric(gram, width);
  const size = lengths.filter((length) => length > NO_DIRECTION * lengths[0]!).length;
  // Along orthonormal directions q of the map's rows, coordinates y are yᵀB with B = UΛ^½.
  const inDirections = new Float64Array(size * width);
  for (let q = 0; q < size; q++) {
    const length = Math.sqrt(lengths[q]!);
    for (let i = 0; i < width; i++) inDirections[q * width + i] = length * turns[q * width + i]!;
  }
  const spreadAll = timesTransposed(times(inDirections, products, size, width, width), inDirections, size, size, width);
  const { values, vectors: axes } = eigenSymmetric(spreadAll, size);
  const used = Math.min(rank ?? numericalRank(values), size);
  const meanAll = times(inDirections, sum, size, width, 1);
  const mean = Float64Array.from({ length: used }, (_, r) => dotAt(axes, r * size, meanAll, 0, size) / count);
  const squares = values.reduce((total, value) => total + Math.max(0, value), 0);
  return {
    spread: {
      values: values.slice(0, used),
      mean,
      rows: count,
      total: squares - dotAt(meanAll, 0, meanAll, 0, size) / count,
    },
    vectors: axisVectors(axes, used, lengths, turns, size, map, features),
  };
}

/** Axes [used,size] in the shared space: VᵀΛ^-½UᵀM, [used,D]. */
function axisVectors(
  axes: Float64Array,
  used: number,
  lengths: Float64Array,
  turns: Float64Array,
  size: number,
  map: Float64Array,
  features: number,
): Float64Array {
  const width = map.length / features;
  const scaled = Float64Array.from(
    axes.subarray(0, used * size),
    (value, at) => value / Math.sqrt(lengths[at % size]!),
  );
  // First the axes along the map's rows, a small product; then one large one.
  return times(times(scaled, turns, used, size, width), map, used, width, features);
}

/** Dot products of the rows of a [n,width] with one another: [n,n]. */
function gramOf(a: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) out[i * n + j] = out[j * n + i] = dotAt(a, i * width, a, j * width, width);
  }
  return out;
}

/** Projects a pool [M,D] of texts on directions of several heads, at most `most` of each. */
async function projection(
  { device }: Clip,
  pool: FloatTensor,
  most: number,
): Promise<AsyncDisposable & { texts(heads: readonly Float64Array[]): Promise<Float32Array[]> }> {
  const [count, features] = pool.shape as [number, number];
  const columns = AT_ONCE * most;
  const along = matmul(constant(pool), input("directions", [columns, features]), { transposeB: true });
  const perHead = transpose(reshape(along, [count, AT_ONCE, most]), [1, 0, 2]);
  const program = await compile({ texts: perHead }, { device });
  return {
    /** Of each head's directions [r,D] the texts' coordinates, [M,r]. */
    async texts(heads) {
      const directions = new Float32Array(columns * features);
      for (const [i, vectors] of heads.entries()) directions.set(vectors, i * most * features);
      const { texts } = await program.run({ directions: floatTensor(directions, [columns, features]) });
      const { data } = texts as FloatTensor;
      const size = count * most;
      return heads.map((vectors, i) =>
        firstColumns(data.subarray(i * size, (i + 1) * size), most, vectors.length / features),
      );
    },
    [Symbol.asyncDispose]: () => program.dispose(),
  };
}

/** The first `used` columns of rows of `width`. */
function firstColumns(rows: Float32Array, width: number, used: number): Float32Array {
  if (used === width) return rows;
  const out = new Float32Array((rows.length / width) * used);
  for (let from = 0, to = 0; from < rows.length; from += width, to += used)
    out.set(rows.subarray(from, from + used), to);
  return out;
}
