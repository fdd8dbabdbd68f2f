import {
  gather,
  gatherLast,
  gatherPerRow,
  scatterAdd,
  scatterAddLast,
  scatterPerRow,
  sort,
  topK,
} from "../../../../src/engine/graph/ops/indexing.js";
import {
  averagePool2d,
  maxPool2d,
  resizeBilinear,
  upsampleNearest,
} from "../../../../src/engine/graph/ops/resample.js";
import { concat, expand, pad, reshape, slice, transpose } from "../../../../src/engine/graph/ops/shaping.js";
import { type At, differentIndices, indices, type MakeCase, sumOver, values } from "./case.js";

/** The elements of a row of input 0, in ascending order. */
const sorted = (at: At, row: number, length: number): number[] =>
  Array.from({ length }, (_, n) => at(0, [row, n])).sort((x, y) => x - y);

/** Window of `kernel` with `stride` and `padding`: the elements inside the picture. */
function window(
  at: At,
  [i, ch, y, x]: readonly number[],
  [height, width]: readonly [number, number],
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): number[] {
  const found: number[] = [];
  for (let dy = 0; dy < kernel; dy++) {
    for (let dx = 0; dx < kernel; dx++) {
      const [v, u] = [y! * stride - padding + dy, x! * stride - padding + dx];
      if (v >= 0 && v < height && u >= 0 && u < width) found.push(at(0, [i!, ch!, v, u]));
    }
  }
  return found;
}

const pooled =
  (op: "maxPool" | "averagePool", kernel: number, stride: number, padding: number): MakeCase =>
  (a, b, c) => {
    const [height, width] = [kernel + b, kernel + c];
    const geometry = { kernel, stride, padding };
    return {
      op,
      inputs: [values(Math.min(a, 2), 2, height, width)],
      build: ([x]) => (op === "maxPool" ? maxPool2d : averagePool2d)(x!, kernel, { stride, padding }),
      expected: (at, index) => {
        const seen = window(at, index, [height, width], geometry);
        return op === "maxPool" ? Math.max(...seen) : seen.reduce((x, y) => x + y, 0) / kernel ** 2;
      },
    };
  };

/** Ops that move, pick and resample elements. */
export const MOVES: readonly MakeCase[] = [
  (a, b, c) => ({
    op: "reshape",
    inputs: [values(a, b, c)],
    build: ([x]) => reshape(x!, [a * b, c]),
    expected: (at, [i, k]) => at(0, [Math.floor(i! / b), i! % b, k!]),
  }),
  (a, b, c) => ({
    op: "transpose",
    inputs: [values(a, b, c)],
    build: ([x]) => transpose(x!, [2, 0, 1]),
    expected: (at, [k, i, j]) => at(0, [i!, j!, k!]),
  }),
  (a, b, c) => ({
    op: "concat",
    inputs: [values(a, b, c), values(a, 2, c)],
    build: ([x, y]) => concat([x!, y!], 1),
    expected: (at, [i, j, k]) => (j! < b ? at(0, [i!, j!, k!]) : at(1, [i!, j! - b, k!])),
  }),
  (a, b, c) => ({
    op: "slice",
    inputs: [values(a, b + 2, c)],
    build: ([x]) => slice(x!, 1, 1, b + 1),
    expected: (at, [i, j, k]) => at(0, [i!, j! + 1, k!]),
  }),
  (a, b, c) => ({
    op: "pad",
    inputs: [values(a, b, c)],
    build: ([x]) => pad(x!, 1, 1, 2),
    expected: (at, [i, j, k]) => (j! >= 1 && j! <= b ? at(0, [i!, j! - 1, k!]) : 0),
  }),
  (a, b, c) => ({
    op: "expand",
    inputs: [values(a, 1, c)],
    build: ([x]) => expand(x!, [2, a, b, c]),
    expected: (at, [, i, , k]) => at(0, [i!, 0, k!]),
  }),
  (a, b, c) => ({
    op: "gather",
    inputs: [values(a, c), indices(a, b, 2)],
    build: ([x, i]) => gather(x!, i!),
    expected: (at, [i, j, k]) => at(0, [at(1, [i!, j!]), k!]),
  }),
  (a, b, c) => ({
    op: "scatterAdd",
    inputs: [values(b, 2, c), indices(a, b, 2)],
    build: ([x, i]) => scatterAdd(x!, i!, a),
    expected: (at, [n, k]) => sumOver(b, (i) => sumOver(2, (j) => (at(1, [i, j]) === n ? at(0, [i, j, k!]) : 0))),
  }),
  (a, b, c) => ({
    op: "gatherPerRow",
    inputs: [values(a, b, c), indices(b, a)],
    build: ([x, i]) => gatherPerRow(x!, i!),
    expected: (at, [i, k]) => at(0, [i!, at(1, [i!]), k!]),
  }),
  (a, b, c) => ({
    op: "scatterPerRow",
    inputs: [values(a, c), indices(b, a)],
    build: ([x, i]) => scatterPerRow(x!, i!, b),
    expected: (at, [i, n, k]) => (at(1, [i!]) === n ? at(0, [i!, k!]) : 0),
  }),
  (a, b, c) => ({
    op: "gatherLast",
    inputs: [values(a, c), indices(c, a, b)],
    build: ([x, i]) => gatherLast(x!, i!),
    expected: (at, [i, j]) => at(0, [i!, at(1, [i!, j!])]),
  }),
  (a, b, c) => ({
    op: "scatterAddLast",
    inputs: [values(a, b), indices(c, a, b)],
    build: ([x, i]) => scatterAddLast(x!, i!, c),
    expected: (at, [i, n]) => sumOver(b, (j) => (at(1, [i!, j]) === n ? at(0, [i!, j]) : 0)),
  }),
  (a, b, c) => ({
    op: "topK",
    inputs: [values(a, b + c)],
    build: ([x]) => topK(x!, b).values,
    expected: (at, [i, n]) => sorted(at, i!, b + c).at(-1 - n!)!,
  }),
  (a, b, c) => ({
    op: "topKIndices",
    inputs: [values(a, b + c)],
    build: ([x]) => gatherLast(x!, topK(x!, c, { largest: false }).indices),
    expected: (at, [i, n]) => sorted(at, i!, b + c)[n!]!,
  }),
  (a, _b, c) => ({
    op: "sort",
    inputs: [values(a, c)],
    build: ([x]) => sort(x!),
    expected: (at, [i, n]) => sorted(at, i!, c)[n!]!,
  }),
  (a, b, c) => ({
    op: "gatherLast",
    inputs: [values(a, b + c), differentIndices(b + c, a, b)],
    build: ([x, i]) => gatherLast(x!, i!),
    expected: (at, [i, j]) => at(0, [i!, at(1, [i!, j!])]),
  }),
  pooled("maxPool", 2, 2, 0),
  pooled("maxPool", 3, 2, 1),
  pooled("averagePool", 2, 2, 0),
  pooled("averagePool", 3, 2, 1),
  (a, b, c) => ({
    op: "maxPoolPlaces",
    inputs: [values(a, 1, 2 * b, 2 * c)],
    build: ([x]) => maxPool2d(x!, 2),
    expected: (at, index) => Math.max(...window(at, index, [2 * b, 2 * c], { kernel: 2, stride: 2, padding: 0 })),
  }),
  (a, b, c) => ({
    op: "upsampleNearest",
    inputs: [values(a, 2, b, c)],
    build: ([x]) => upsampleNearest(x!, 3),
    expected: (at, [i, ch, y, x]) => at(0, [i!, ch!, Math.floor(y! / 3), Math.floor(x! / 3)]),
  }),
  (a, b, c) => ({
    op: "resizeBilinear",
    inputs: [values(a, 2, b, c)],
    build: ([x]) => resizeBilinear(x!, 5, 3),
    expected: (at, [i, ch, y, x]) => {
      const place = (n: number, from: number, to: number): [number, number, number] => {
        const centre = Math.min(from - 1, Math.max(0, ((n + 0.5) * from) / to - 0.5));
        const first = Math.floor(centre);
        return [first, Math.min(first + 1, from - 1), centre - first];
      };
      const [y0, y1, v] = place(y!, b, 5);
      const [x0, x1, u] = place(x!, c, 3);
      const row = (r: number): number => (1 - u) * at(0, [i!, ch!, r, x0]) + u * at(0, [i!, ch!, r, x1]);
      return (1 - v) * row(y0) + v * row(y1);
    },
  }),
];
