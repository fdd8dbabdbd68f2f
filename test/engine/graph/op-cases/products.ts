import { attention } from "../../../../src/engine/graph/ops/attention.js";
import { type QuantisedMatrix, quantisedLinear } from "../../../../src/engine/graph/ops/quantised-linear.js";
import { blockBytes, dequantiseRows, type Quantisation, quantiseRows } from "../../../../src/engine/tensor/quantise.js";
import { convWeightGradient } from "../../../../src/engine/graph/ops/conv-weight-gradient.js";
import { conv2d, conv3d, convTranspose } from "../../../../src/engine/graph/ops/conv.js";
import { einsum } from "../../../../src/engine/graph/ops/einsum.js";
import { linear, matmul } from "../../../../src/engine/graph/ops/matmul.js";
import { type At, type Case, type MakeCase, sumOver, values } from "./case.js";

interface Geometry {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly groups: number;
}

/** x[b, c, p] of a padded picture: 0 outside. */
function padded(at: At, tensor: number, shape: readonly number[], index: readonly number[]): number {
  return index.every((n, i) => n >= 0 && n < shape[i]!) ? at(tensor, index) : 0;
}

const conv =
  (geometry: Geometry, kernel: [number, number], bias: boolean): MakeCase =>
  (a, b, c): Case => {
    const { stride, padding, dilation, groups } = geometry;
    const x = values(Math.min(a, 3), 2 * groups, 3 + b, 3 + c);
    const w = values(2 * groups, 2, ...kernel);
    return {
      op: "conv",
      inputs: [x, w, ...(bias ? [values(2 * groups)] : [])],
      build: ([x, w, bias]) => conv2d(x!, w!, { ...geometry, ...(bias ? { bias } : {}) }),
      expected: (at, [i, o, y, z]) =>
        (bias ? at(2, [o!]) : 0) +
        sumOver(2, (ch) =>
          sumOver(kernel[0], (dy) =>
            sumOver(
              kernel[1],
              (dx) =>
                at(1, [o!, ch, dy, dx]) *
                padded(at, 0, x.shape, [
                  i!,
                  Math.floor(o! / 2) * 2 + ch,
                  y! * stride - padding + dy * dilation,
                  z! * stride - padding + dx * dilation,
                ]),
            ),
          ),
        ),
    };
  };

/** A matrix [rows, width] of random weights in so many bits, and what its numbers are. */
function quantisedMatrix(
  rows: number,
  width: number,
  form: Quantisation,
): { matrix: QuantisedMatrix; widened: Float32Array } {
  const quantised = quantiseRows(values(rows, width).data as Float32Array, width, form);
  const blocks = Math.ceil(width / form.block);
  const scales = new Uint8Array(quantised.scales.buffer);
  return {
    matrix: {
      ...form,
      shape: [rows, width],
      packed: { name: "q", dtype: "U8", shape: [rows, blocks, blockBytes(form)], bytes: quantised.packed },
      scales: { name: "s", dtype: "F32", shape: [rows, blocks], bytes: scales },
    },
    widened: dequantiseRows(quantised, width, form),
  };
}

const quantisedCase =
  (form: Quantisation): MakeCase =>
  (a, b, c) => {
    const width = form.block * (c - 1) + 2 * b;
    const { matrix, widened } = quantisedMatrix(b + 1, width, form);
    return {
      op: "quantisedLinear",
      inputs: [values(a, width)],
      build: ([x]) => quantisedLinear(x!, matrix),
      expected: (at, [row, out]) => sumOver(width, (k) => at(0, [row!, k]) * widened[out! * width + k]!),
      constants: [0],
    };
  };

export const PRODUCTS: readonly MakeCase[] = [
  quantisedCase({ bits: 4, block: 32 }),
  quantisedCase({ bits: 8, block: 32 }),
  quantisedCase({ bits: 4, block: 128 }),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(a, 2, b, c), values(2, c, a)],
    build: ([x, y]) => matmul(x!, y!),
    expected: (at, [i, j, m, n]) => sumOver(c, (k) => at(0, [i!, j!, m!, k]) * at(1, [j!, k, n!])),
  }),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(a, b, c), values(c, 3)],
    build: ([x, y]) => matmul(x!, y!, { scale: -2 }),
    expected: (at, [i, m, n]) => -2 * sumOver(c, (k) => at(0, [i!, m!, k]) * at(1, [k, n!])),
  }),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(a, b, c), values(a, 3, c)],
    build: ([x, y]) => matmul(x!, y!, { transposeB: true, scale: 0.5 }),
    expected: (at, [i, m, n]) => 0.5 * sumOver(c, (k) => at(0, [i!, m!, k]) * at(1, [i!, n!, k])),
  }),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(a, c, b), values(a, c, 3)],
    build: ([x, y]) => matmul(x!, y!, { transposeA: true }),
    expected: (at, [i, m, n]) => sumOver(c, (k) => at(0, [i!, k, m!]) * at(1, [i!, k, n!])),
  }),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(c, b), values(a, 3, c)],
    build: ([x, y]) => matmul(x!, y!, { transposeA: true, transposeB: true }),
    expected: (at, [i, m, n]) => sumOver(c, (k) => at(0, [k, m!]) * at(1, [i!, n!, k])),
  }),
  (a, b, c) => ({
    op: "linear",
    inputs: [values(a, b, c), values(5, c), values(5)],
    build: ([x, w, bias]) => linear(x!, w!, bias),
    expected: (at, [i, j, n]) => at(2, [n!]) + sumOver(c, (k) => at(0, [i!, j!, k]) * at(1, [n!, k])),
  }),
  (a, b, c) => ({
    op: "linear",
    inputs: [values(a, c), values(b, c)],
    build: ([x, w]) => linear(x!, w!),
    expected: (at, [i, n]) => sumOver(c, (k) => at(0, [i!, k]) * at(1, [n!, k])),
  }),
  (a, b, c) => ({
    op: "einsum",
    inputs: [values(a, b, 2, c), values(c, a, 3)],
    build: ([x, y]) => einsum("abhc,cad->dab", x!, y!),
    expected: (at, [d, i, j]) => sumOver(2, (h) => sumOver(c, (k) => at(0, [i!, j!, h, k]) * at(1, [k, i!, d!]))),
  }),
  conv({ stride: 1, padding: 0, dilation: 1, groups: 1 }, [2, 3], false),
  conv({ stride: 1, padding: 1, dilation: 1, groups: 1 }, [3, 3], true),
  conv({ stride: 1, padding: 2, dilation: 2, groups: 1 }, [2, 2], true),
  conv({ stride: 2, padding: 1, dilation: 1, groups: 1 }, [3, 2], true),
  conv({ stride: 2, padding: 1, dilation: 1, groups: 2 }, [3, 3], false),
  (a, b, c) => ({
    op: "conv",
    inputs: [values(a, 2, 2 * b, 2 * c), values(3, 2, 2, 2)],
    build: ([x, w]) => conv2d(x!, w!, { stride: 2 }),
    expected: (at, [i, o, y, x]) =>
      sumOver(2, (ch) =>
        sumOver(2, (dy) => sumOver(2, (dx) => at(0, [i!, ch, 2 * y! + dy, 2 * x! + dx]) * at(1, [o!, ch, dy, dx]))),
      ),
  }),
  (a, b, c) => ({
    op: "conv",
    inputs: [values(2, 2, 2 * a, 2 * b, 3 * c), values(3, 2, 2, 2, 3)],
    build: ([x, w]) => {
      // Tubes of a video: time, height and width are tiled alike only when the kernel is a cube.
      return conv3d(x!, w!);
    },
    expected: (at, [i, o, t, y, x]) =>
      sumOver(2, (ch) =>
        sumOver(2, (dt) =>
          sumOver(2, (dy) =>
            sumOver(3, (dx) => at(0, [i!, ch, t! + dt, y! + dy, x! + dx]) * at(1, [o!, ch, dt, dy, dx])),
          ),
        ),
      ),
  }),
  (a, b, c) => ({
    op: "conv",
    inputs: [values(2, 2, 2 * Math.min(a, 2), 2 * Math.min(b, 2), 2 * Math.min(c, 2)), values(3, 2, 2, 2, 2)],
    build: ([x, w]) => conv3d(x!, w!, { stride: 2 }),
    expected: (at, [i, o, t, y, x]) =>
      sumOver(2, (ch) =>
        sumOver(2, (dt) =>
          sumOver(2, (dy) =>
            sumOver(2, (dx) => at(0, [i!, ch, 2 * t! + dt, 2 * y! + dy, 2 * x! + dx]) * at(1, [o!, ch, dt, dy, dx])),
          ),
        ),
      ),
  }),
  (a, b, c) => ({
    op: "convTranspose",
    inputs: [values(Math.min(a, 2), 2, b, c), values(2, 3, 3, 2), values(3)],
    build: ([x, w, bias]) => convTranspose(x!, w!, { stride: 2, padding: 1, bias: bias!, spatial: [2 * b, 2 * c - 1] }),
    expected: (at, [i, o, y, z]) =>
      at(2, [o!]) +
      sumOver(2, (ch) =>
        sumOver(b, (u) =>
          sumOver(c, (v) => {
            const [dy, dx] = [y! + 1 - 2 * u, z! + 1 - 2 * v];
            const isSeen = dy >= 0 && dy < 3 && dx >= 0 && dx < 2;
            return isSeen ? at(0, [i!, ch, u, v]) * at(1, [ch, o!, dy, dx]) : 0;
          }),
        ),
      ),
  }),
  (a, b, c) => ({
    op: "convTranspose",
    inputs: [values(Math.min(a, 2), 2, b, c), values(2, 3, 2, 2)],
    build: ([x, w]) => convTranspose(x!, w!),
    expected: (at, [i, o, y, z]) =>
      sumOver(2, (ch) =>
        sumOver(b, (u) =>
          sumOver(c, (v) => {
            const [dy, dx] = [y! - u, z! - v];
            const isSeen = dy >= 0 && dy < 2 && dx >= 0 && dx < 2;
            return isSeen ? at(0, [i!, ch, u, v]) * at(1, [ch, o!, dy, dx]) : 0;
          }),
        ),
      ),
  }),
  (a, b, c) => ({
    op: "convWeightGradient",
    inputs: [values(Math.min(a, 2), 2, b + 1, c + 1), values(Math.min(a, 2), 3, b, c)],
    build: ([x, y]) => convWeightGradient(x!, y!, { kernel: [2, 2], stride: 1, padding: 0, dilation: 1, groups: 1 }),
    expected: (at, [o, ch, dy, dx]) =>
      sumOver(Math.min(a, 2), (i) =>
        sumOver(b, (y) => sumOver(c, (x) => at(0, [i, ch!, y + dy!, x + dx!]) * at(1, [i, o!, y, x]))),
      ),
  }),
  (a, b, c) => {
    const score = (at: At, i: number, h: number, n: number, m: number): number =>
      0.7 * sumOver(3, (d) => at(0, [i, h, n, d]) * at(1, [i, h, m, d])) + at(3, [n, m]);
    return {
      op: "attention",
      inputs: [values(a, 2, b, 3), values(a, 2, c, 3), values(a, 2, c, 2), values(b, c)],
      build: ([q, k, v, mask]) => attention(q!, k!, v!, { mask: mask!, scale: 0.7 }),
      expected: (at, [i, h, n, e]) => {
        const weights = Array.from({ length: c }, (_, m) => Math.exp(score(at, i!, h!, n!, m)));
        const total = weights.reduce((x, y) => x + y, 0);
        return sumOver(c, (m) => (weights[m]! / total) * at(2, [i!, h!, m, e!]));
      },
      constants: [3],
    };
  },
];
