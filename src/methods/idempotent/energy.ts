/**
 * The energy distance between two sets of pictures: 0 for two samples of one distribution, on average, and larger for any others.
 *
 * @file Source: Székely and Rizzo 2013, "Energy statistics: A class of statistics based on distances"; as a loss of generators, without bias in its
 * gradients, Bellemare et al. 2017, "The Cramer Distance as a Solution to Biased Wasserstein Gradients".
 */
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { constant } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { mean, sum } from "../../engine/graph/ops/reduce.js";
import { reshape, transpose } from "../../engine/graph/ops/shaping.js";
import { relu, sqrt, square } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { floatTensor } from "../../engine/tensor/tensor.js";

/** Added to squared distances, so that gradients stay small where two pictures meet; what is measured stays an energy distance. */
export const SOFTENING = 1e-4;

/**
 * 2 E|a - b| - E|a - a'| - E|b - b'| of pictures a [N,…] and b [M,…], N and M from 2: a scalar. |.| is the root of the mean square over a picture's elements
 * (and of {@link SOFTENING}); a picture's distance to itself does not count, so that the estimate has no bias, and may fall below 0.
 */
export function energyDistance(a: Value, b: Value): Value {
  const [first, second] = [flat(a), flat(b)];
  const across = mul(mean(distances(first, second)), 2);
  return sub(across, add(within(first), within(second)));
}

const flat = (x: Value): Value => reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);

/** [N,M] of rows [N,D] and [M,D]. */
function distances(a: Value, b: Value): Value {
  const squares = (x: Value): Value => sum(square(x), [1], { keepDims: true });
  const both = add(squares(a), transpose(squares(b), [1, 0]));
  const apart = relu(sub(both, matmul(a, b, { transposeB: true, scale: 2 })));
  return sqrt(add(mul(apart, 1 / a.shape[1]!), SOFTENING));
}

/** The mean distance of two different rows. */
function within(x: Value): Value {
  const count = x.shape[0]!;
  const others = Float32Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 0 : 1));
  const apart = mul(distances(x, x), constant(floatTensor(others, [count, count])));
  return mul(sum(apart), 1 / (count * (count - 1)));
}
