/** The smallest idempotent network: a perceptron between numbers, once as a graph and once in plain float64 loops. */
import { linear } from "../../../src/engine/graph/ops/matmul.js";
import { tanh } from "../../../src/engine/graph/ops/unary.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { type Random } from "../../../src/engine/tensor/random.js";
import type { Shape } from "../../../src/engine/tensor/shape.js";
import type { ParameterDeclaration } from "../../../src/engine/train/parameters.js";
import { normal, zeros } from "../../../src/engine/train/initialise.js";
import { fillNormal } from "../../../src/methods/idempotent/noise.js";

const WIDTHS = [1, 10, 50, 10, 1];
const LAYERS = WIDTHS.slice(1).map((out, i) => ({ name: String(i), out, from: WIDTHS[i]! }));

export const SHAPES: readonly (readonly [string, Shape])[] = LAYERS.flatMap(({ name, out, from }) => [
  [`${name}.weight`, [out, from]] as const,
  [`${name}.bias`, [out]] as const,
]);

export const perceptronDeclarations: readonly ParameterDeclaration[] = SHAPES.map(([name, shape]) => ({
  name,
  shape,
  initialise: name.endsWith("bias") ? zeros : normal(shape[1]! ** -0.5),
}));

export function perceptron(x: Value, weight: (name: string) => Value): Value {
  return LAYERS.reduce((y, { name }, i) => {
    const z = linear(y, weight(`${name}.weight`), weight(`${name}.bias`));
    return i === LAYERS.length - 1 ? z : tanh(z);
  }, x);
}

export type Weights = Readonly<Record<string, Float64Array>>;

export function plainPerceptron(x: number, weights: Weights): number {
  let y = [x];
  for (const [i, { name, out, from }] of LAYERS.entries()) {
    const [w, b] = [weights[`${name}.weight`]!, weights[`${name}.bias`]!];
    const next = Array.from({ length: out }, (_, o) => b[o]! + y.reduce((sum, v, k) => sum + v * w[o * from + k]!, 0));
    y = i === LAYERS.length - 1 ? next : next.map(Math.tanh);
  }
  return y[0]!;
}

/** 0.3 N(0.6, 0.1) + 0.7 N(-0.4, 0.05). */
export function twoGaussians(random: Random, count: number): Float32Array {
  const out = new Float32Array(count);
  fillNormal(random, out);
  return out.map((n) => (random.uniform() < 0.3 ? 0.6 + 0.1 * n : -0.4 + 0.05 * n));
}
