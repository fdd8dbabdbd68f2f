import { batchNorm, groupNorm } from "../../../../src/engine/graph/ops/channel-norm.js";
import { crossEntropy, meanSquaredError } from "../../../../src/engine/graph/ops/losses.js";
import { layerNorm, layerNormScale, logSoftmax, softmax } from "../../../../src/engine/graph/ops/normalise.js";
import { cumulativeSum, logSumExp, max, mean, min, sum } from "../../../../src/engine/graph/ops/reduce.js";
import { rmsNorm, rmsNormScale } from "../../../../src/engine/graph/ops/rms-norm.js";
import { rotary } from "../../../../src/engine/graph/ops/rotary.js";
import { type At, type MakeCase, indices, sumOver, values } from "./case.js";

function statistics(n: number, x: (i: number) => number): { mean: number; variance: number } {
  const average = sumOver(n, x) / n;
  return { mean: average, variance: sumOver(n, (i) => (x(i) - average) ** 2) / n };
}

const logits = (at: At, row: number, count: number): number =>
  Math.log(sumOver(count, (n) => Math.exp(at(0, [row, n]))));

/** Normalisations and reductions. */
export const ROWS: readonly MakeCase[] = [
  (a, b, c) => ({
    op: "softmax",
    inputs: [values(a, b, c)],
    build: ([x]) => softmax(x!),
    expected: (at, [i, j, k]) => Math.exp(at(0, [i!, j!, k!])) / sumOver(c, (n) => Math.exp(at(0, [i!, j!, n]))),
  }),
  (a, b, c) => ({
    op: "logSoftmax",
    inputs: [values(a, b, c)],
    build: ([x]) => logSoftmax(x!),
    expected: (at, [i, j, k]) => at(0, [i!, j!, k!]) - Math.log(sumOver(c, (n) => Math.exp(at(0, [i!, j!, n])))),
  }),
  (a, b, c) => ({
    op: "layerNorm",
    inputs: [values(a, b, c + 1), values(c + 1), values(c + 1)],
    build: ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!, 1e-1),
    expected: (at, [i, j, k]) => {
      const { mean, variance } = statistics(c + 1, (n) => at(0, [i!, j!, n]));
      return ((at(0, [i!, j!, k!]) - mean) / Math.sqrt(variance + 1e-1)) * at(1, [k!]) + at(2, [k!]);
    },
  }),
  (a, b, c) => ({
    op: "layerNormScale",
    inputs: [values(a, b, c + 1), values(c + 1)],
    build: ([x, gamma]) => layerNormScale(x!, gamma!, 1e-1),
    expected: (at, [i, j]) => (statistics(c + 1, (n) => at(0, [i!, j!, n])).variance + 1e-1) ** -0.5,
    constants: [1],
  }),
  (a, b, c) => ({
    op: "rmsNorm",
    inputs: [values(a, b, c), values(c)],
    build: ([x, gamma]) => rmsNorm(x!, gamma!, 1e-1),
    expected: (at, [i, j, k]) => {
      const square = sumOver(c, (n) => at(0, [i!, j!, n]) ** 2) / c;
      return (at(0, [i!, j!, k!]) / Math.sqrt(square + 1e-1)) * at(1, [k!]);
    },
  }),
  (a, b, c) => ({
    op: "rmsNormScale",
    inputs: [values(a, b, c), values(c)],
    build: ([x, gamma]) => rmsNormScale(x!, gamma!, 1e-1),
    expected: (at, [i, j]) => (sumOver(c, (n) => at(0, [i!, j!, n]) ** 2) / c + 1e-1) ** -0.5,
    constants: [1],
  }),
  (a, b, c) => ({
    op: "rotary",
    inputs: [values(a, b, c, 4), values(c, 2), values(c, 2)],
    build: ([x, cos, sin]) => rotary(x!, cos!, sin!),
    expected: (at, [i, head, n, d]) => {
      const [half, pair] = [d! % 2, d! < 2 ? -1 : 1];
      const partner = at(0, [i!, head!, n!, (d! + 2) % 4]);
      return at(0, [i!, head!, n!, d!]) * at(1, [n!, half]) + pair * partner * at(2, [n!, half]);
    },
    constants: [1, 2],
  }),
  (a, b, c) => ({
    op: "groupNorm",
    inputs: [values(a, 4, b, c), values(4), values(4)],
    build: ([x, gamma, beta]) => groupNorm(x!, gamma!, beta!, 2, 1e-1),
    expected: (at, [i, ch, y, x]) => {
      const first = 2 * Math.floor(ch! / 2);
      const { mean, variance } = statistics(2 * b * c, (n) =>
        at(0, [i!, first + Math.floor(n / (b * c)), Math.floor(n / c) % b, n % c]),
      );
      return ((at(0, [i!, ch!, y!, x!]) - mean) / Math.sqrt(variance + 1e-1)) * at(1, [ch!]) + at(2, [ch!]);
    },
  }),
  (a, b, c) => ({
    op: "batchNorm",
    inputs: [values(a, 3, b, c), values(3), values(3)],
    build: ([x, gamma, beta]) => batchNorm(x!, gamma!, beta!, undefined, 1e-1),
    expected: (at, [i, ch, y, x]) => {
      const { mean, variance } = statistics(a * b * c, (n) =>
        at(0, [Math.floor(n / (b * c)), ch!, Math.floor(n / c) % b, n % c]),
      );
      return ((at(0, [i!, ch!, y!, x!]) - mean) / Math.sqrt(variance + 1e-1)) * at(1, [ch!]) + at(2, [ch!]);
    },
  }),
  (a, b, c) => ({
    op: "sum",
    inputs: [values(a, b, c)],
    build: ([x]) => sum(x!, [-1, 0]),
    expected: (at, [j]) => sumOver(a, (i) => sumOver(c, (k) => at(0, [i, j!, k]))),
  }),
  (a, b, c) => ({
    op: "sum",
    inputs: [values(8 * a, 5, 16 + b + c)],
    build: ([x]) => sum(x!, [0, 1], { keepDims: true }),
    expected: (at, [, , k]) => sumOver(8 * a, (i) => sumOver(5, (j) => at(0, [i, j, k!]))),
  }),
  (a, b, c) => ({
    op: "mean",
    inputs: [values(a, b, c)],
    build: ([x]) => mean(x!, [1], { keepDims: true }),
    expected: (at, [i, , k]) => sumOver(b, (j) => at(0, [i!, j, k!])) / b,
  }),
  (a, b, c) => ({
    op: "max",
    inputs: [values(a, b, c)],
    build: ([x]) => max(x!, [0, 2]),
    expected: (at, [j]) => Math.max(...Array.from({ length: a * c }, (_, n) => at(0, [Math.floor(n / c), j!, n % c]))),
  }),
  (a, b, c) => ({
    op: "min",
    inputs: [values(a, b, c)],
    build: ([x]) => min(x!, [1], { keepDims: true }),
    expected: (at, [i, , k]) => Math.min(...Array.from({ length: b }, (_, j) => at(0, [i!, j, k!]))),
  }),
  (a, b, c) => ({
    op: "logSumExp",
    inputs: [values(a, b, c)],
    build: ([x]) => logSumExp(x!, [1]),
    expected: (at, [i, k]) => Math.log(sumOver(b, (j) => Math.exp(at(0, [i!, j, k!])))),
  }),
  (a, b, c) => ({
    op: "cumulativeSum",
    inputs: [values(a, b, c)],
    build: ([x]) => cumulativeSum(x!, 1),
    expected: (at, [i, j, k]) => sumOver(j! + 1, (n) => at(0, [i!, n, k!])),
  }),
  (a, b, c) => ({
    op: "cumulativeSum",
    inputs: [values(a, b, c)],
    build: ([x]) => cumulativeSum(x!, -1, { reverse: true }),
    expected: (at, [i, j, k]) => sumOver(c - k!, (n) => at(0, [i!, j!, k! + n])),
  }),
  (a, b) => ({
    op: "crossEntropy",
    inputs: [values(a, b), indices(b, a)],
    build: ([x, labels]) => crossEntropy(x!, labels!),
    expected: (at) => sumOver(a, (i) => logits(at, i, b) - at(0, [i, at(1, [i])])) / a,
  }),
  (a, b) => ({
    op: "meanSquaredError",
    inputs: [values(a, b), values(a, b)],
    build: ([x, y]) => meanSquaredError(x!, y!),
    expected: (at) => sumOver(a, (i) => sumOver(b, (j) => (at(0, [i, j]) - at(1, [i, j])) ** 2)) / (a * b),
  }),
];
