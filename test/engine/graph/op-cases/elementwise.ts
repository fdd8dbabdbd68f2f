import * as arithmetic from "../../../../src/engine/graph/ops/arithmetic.js";
import * as compare from "../../../../src/engine/graph/ops/compare.js";
import { mul } from "../../../../src/engine/graph/ops/arithmetic.js";
import * as unaryOps from "../../../../src/engine/graph/ops/unary.js";
import { add } from "../../../../src/engine/graph/ops/arithmetic.js";
import type { Value } from "../../../../src/engine/graph/value.js";
import type { Tensor } from "../../../../src/engine/tensor/tensor.js";
import { erf } from "../../../support/erf.js";
import { apartFromZero, type Case, type MakeCase, positive, values } from "./case.js";

const binary =
  (op: "add" | "sub" | "mul" | "div" | "maximum" | "minimum", f: (a: number, b: number) => number): MakeCase =>
  (a, b, c) => ({
    op,
    inputs: [values(a, 1, c), op === "div" ? apartFromZero(0.3, b, c) : values(b, c)],
    build: ([x, y]) => arithmetic[op](x!, y!),
    expected: (at, [i, j, k]) => f(at(0, [i!, 0, k!]), at(1, [j!, k!])),
  });

const comparison =
  (op: "greaterOrEqual" | "less" | "equal", f: (a: number, b: number) => boolean): MakeCase =>
  (a, b, c) => ({
    op,
    inputs: [values(a, 1, c), values(b, c)],
    build: ([x, y]) => compare.where(compare[op](x!, y!), 1, 0),
    expected: (at, [i, j, k]) => Number(f(at(0, [i!, 0, k!]), at(1, [j!, k!]))),
    constants: [0, 1],
  });

interface UnaryCase {
  readonly op: string;
  readonly build: (x: Value) => Value;
  readonly f: (x: number) => number;
  readonly x?: (...shape: number[]) => Tensor;
}

const unary =
  ({ op, build, f, x = values }: UnaryCase): MakeCase =>
  (a, b, c): Case => ({
    op,
    inputs: [x(a, b, c)],
    build: ([v]) => build(v!),
    expected: (at, index) => f(at(0, index)),
  });

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

const UNARY: readonly UnaryCase[] = [
  { op: "sqrt", build: unaryOps.sqrt, f: Math.sqrt, x: positive },
  { op: "exp", build: unaryOps.exp, f: Math.exp },
  { op: "log", build: unaryOps.log, f: Math.log, x: positive },
  { op: "sin", build: unaryOps.sin, f: Math.sin },
  { op: "cos", build: unaryOps.cos, f: Math.cos },
  { op: "abs", build: unaryOps.abs, f: Math.abs },
  { op: "erf", build: unaryOps.erf, f: erf },
  { op: "tanh", build: unaryOps.tanh, f: Math.tanh },
  { op: "sigmoid", build: unaryOps.sigmoid, f: logistic },
  { op: "softplus", build: unaryOps.softplus, f: (x) => Math.log1p(Math.exp(x)) },
  { op: "relu", build: unaryOps.relu, f: (x) => Math.max(x, 0) },
  { op: "leakyRelu", build: (x) => unaryOps.leakyRelu(x, 0.1), f: (x) => (x > 0 ? x : 0.1 * x) },
  {
    op: "hardSigmoid",
    build: (x) => unaryOps.hardSigmoid(x, { alpha: -0.7, beta: 0.4 }),
    f: (x) => Math.min(1, Math.max(0, 0.4 - 0.7 * x)),
  },
  { op: "gelu", build: unaryOps.gelu, f: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)) },
  {
    op: "geluTanh",
    build: unaryOps.geluTanh,
    f: (x) => (x / 2) * (1 + Math.tanh(0.7978845608 * (x + 0.044715 * x ** 3))),
  },
  { op: "swish", build: unaryOps.quickGelu, f: (x) => x * logistic(1.702 * x) },
  { op: "silu", build: unaryOps.silu, f: (x) => x * logistic(x) },
  { op: "clip", build: (x) => unaryOps.clip(x, -0.5, 0.8), f: (x) => Math.min(0.8, Math.max(-0.5, x)) },
  { op: "neg", build: unaryOps.neg, f: (x) => -x },
  { op: "square", build: unaryOps.square, f: (x) => x * x },
];

export const ELEMENTWISE: readonly MakeCase[] = [
  binary("add", (x, y) => x + y),
  binary("sub", (x, y) => x - y),
  binary("mul", (x, y) => x * y),
  binary("div", (x, y) => x / y),
  binary("maximum", Math.max),
  binary("minimum", Math.min),
  comparison("greaterOrEqual", (x, y) => x >= y),
  comparison("less", (x, y) => x < y),
  comparison("equal", (x, y) => x === y),
  ...UNARY.map(unary),
  (a, b, c) => ({
    op: "sign",
    inputs: [values(a, b, c)],
    build: ([x]) => unaryOps.sign(x!),
    expected: (at, index) => Math.sign(at(0, index)),
    constants: [0],
  }),
  (a, b, c) => ({
    op: "where",
    inputs: [values(a, b, c), values(b, c), values(a, 1, c)],
    build: ([x, y, z]) => compare.where(compare.less(x!, 0), y!, z!),
    expected: (at, [i, j, k]) => (at(0, [i!, j!, k!]) < 0 ? at(1, [j!, k!]) : at(2, [i!, 0, k!])),
    constants: [0],
  }),
  (a, b, c) => ({
    op: "stopGradient",
    inputs: [values(a, b, c), values(a, b, c)],
    build: ([x, y]) => add(mul(compare.stopGradient(x!), y!), mul(compare.stopGradient(y!), 0)),
    expected: (at, index) => at(0, index) * at(1, index),
    constants: [0],
  }),
  // With a factor of 1, the gradient is that of what is computed; other factors are checked in gradients.test.ts.
  (a, b, c) => ({
    op: "scaleGradient",
    inputs: [values(a, b, c), values(a, b, c)],
    build: ([x, y]) => mul(compare.scaleGradient(x!, 1), y!),
    expected: (at, index) => at(0, index) * at(1, index),
  }),
];
