/**
 * What neurons do over a set of pictures: their mean effects, when they speak up, and the one direction that they speak in.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 4. All effects of
 * a neuron lie in the span of its K directions, so that a picture is K numbers a neuron and never d_out. Pictures stream by twice: which
 * effects are far from the mean is known when the mean is. Memory does not grow with their number.
 */
import { UsageError } from "../../engine/errors.js";
import { mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { transpose } from "../../engine/graph/ops/shaping.js";
import { sqrt } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor, intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import { gramFactors } from "./gram-factors.js";
import { mainDirection, randomDirectionShare } from "./main-direction.js";
import type { NeuronEffects } from "./second-order.js";
import { StrongestPictures } from "./strongest-pictures.js";

export interface NeuronStatisticsOptions {
  /** How many of a neuron's strongest pictures count; default {@link strongestOf}. */
  readonly top?: number;
  /** Pictures per run of the model; default 8. */
  readonly batch?: number;
  /** Called with the number of pictures that were read, each twice. */
  readonly onProgress?: (read: number) => void;
  /** Called with the lengths [B,F] of effects less their mean, of all pictures in their order. */
  readonly onLengths?: (lengths: FloatTensor) => void;
}

/** F neurons, D width of the shared space, k strongest pictures. Effects are over the norm of their picture's features. */
export interface NeuronStatistics {
  /** Pictures in the set. */
  readonly count: number;
  /** [F,D] */
  readonly mean_effects: FloatTensor;
  /** [F]: mean length of the effects, their mean included. */
  readonly mean_lengths: FloatTensor;
  /** [F]: τ, the k-th largest length of an effect less the mean. */
  readonly thresholds: FloatTensor;
  /** [F]: share of the pictures with longer ones. */
  readonly shares: FloatTensor;
  /** [F]: share of the squared lengths over all pictures that the k strongest have. */
  readonly concentrations: FloatTensor;
  /** [F,D]: first singular direction of the k strongest effects less the mean, of length 1; zeros for a neuron without effects. */
  readonly directions: FloatTensor;
  /** [F]: share of the squared lengths of the k strongest along it. */
  readonly explained: FloatTensor;
  /** [F]: the same along random directions that the neuron could speak in, the mean of 16. */
  readonly explained_random: FloatTensor;
  /** [F,k]: numbers of the strongest pictures, the strongest first. */
  readonly top_pictures: Tensor<"int32">;
  /** [F,k]: lengths of their effects less the mean. */
  readonly top_lengths: FloatTensor;
}

const DRAWS = 16;

/** The reference takes 100 of 5,124 pictures: 2%. Fewer than 10 are no statistics, unless there are no more. */
export function strongestOf(count: number): number {
  return Math.min(count, 100, Math.max(10, Math.round(count / 50)));
}

/**
 * Of the pictures that `pictures` gives, pixels [B,3,S,S] at a time; it is called twice and must give the same both times. Constants
 * belong to no neuron here (bookkeeping "clean"). Throws {@link UsageError} for fewer than 2 pictures, for pictures that differ in number
 * the second time, and for a `top` that they cannot give.
 */
export async function neuronStatistics(
  effects: NeuronEffects,
  pictures: () => AsyncIterable<FloatTensor>,
  { top, batch, onProgress, onLengths }: NeuronStatisticsOptions = {},
): Promise<NeuronStatistics> {
  const options = batch === undefined ? {} : { batch };
  const { directions } = effects;
  const [neurons, width] = directions.shape as [number, number, number];
  const sums = new Float64Array(width * neurons);
  let count = 0;
  for await (const pixels of pictures()) {
    const { coefficients } = await effects.run("coefficients", pixels, (coefficients) => ({ coefficients }), options);
    coefficients.data.forEach((value, i) => (sums[i % sums.length]! += value));
    count += pixels.shape[0]!;
    onProgress?.(count);
  }
  const kept = checkedTop(count, top);
  const means = floatTensor(
    Float32Array.from(sums, (value) => value / count),
    [width, neurons],
  );

  const factors = await gramFactors(directions, effects.clip.device);
  const strongest = new StrongestPictures(neurons, kept, width);
  const squares = new Float64Array(neurons);
  const lengthSums = new Float64Array(neurons);
  let read = 0;
  for await (const pixels of pictures()) {
    const { lengths, whole, centred } = await centredEffects(effects, pixels, { means, factors }, options);
    onLengths?.(lengths);
    whole.data.forEach((length, i) => (lengthSums[i % neurons]! += length));
    for (let row = 0; row < pixels.shape[0]!; row++) {
      const own = lengths.data.subarray(row * neurons, (row + 1) * neurons);
      own.forEach((length, neuron) => (squares[neuron]! += length ** 2));
      strongest.add(read + row, own, centred.data.subarray(row * sums.length, (row + 1) * sums.length));
    }
    read += pixels.shape[0]!;
    onProgress?.(count + read);
  }
  if (read !== count) {
    throw new UsageError({
      what: "pictures changed between the two times that they are read",
      got: `${count}, then ${read}`,
      expected: "the same pictures twice",
    });
  }
  return summary(directions, { means, factors, strongest, squares, lengthSums, count, kept });
}

interface Passes {
  /** Mean coefficients [K,F]. */
  readonly means: FloatTensor;
  /** Of the Gram matrices [F,K,K]. */
  readonly factors: FloatTensor;
  readonly strongest: StrongestPictures;
  /** Sums of squared lengths [F]. */
  readonly squares: Float64Array;
  /** Sums of lengths of effects that are not centred [F]. */
  readonly lengthSums: Float64Array;
  readonly count: number;
  readonly kept: number;
}

/** Coefficients less their mean [B,K,F], how long [B,F] the effects are that they give, and how long with the mean: `whole`. */
function centredEffects(
  effects: NeuronEffects,
  pixels: FloatTensor,
  shared: { readonly means: FloatTensor; readonly factors: FloatTensor },
  options: { readonly batch?: number },
): Promise<Record<"lengths" | "whole" | "centred", FloatTensor>> {
  return effects.run(
    "centred",
    pixels,
    (coefficients) => {
      const centred = sub(coefficients, input("means", shared.means.shape));
      const factors = input("factors", shared.factors.shape);
      return { lengths: lengthsOf(centred, factors), whole: lengthsOf(coefficients, factors), centred };
    },
    { ...options, shared },
  );
}

/** [B,F] of coefficients [B,K,F] and the factors [F,K,K] of Gram matrices: for each neuron one product with its factor. */
function lengthsOf(coefficients: Value, factors: Value): Value {
  const points = matmul(transpose(coefficients, [2, 0, 1]), factors);
  return transpose(sqrt(sum(mul(points, points), [2])), [1, 0]);
}

function summary(
  directions: FloatTensor,
  { means, factors, strongest, squares, lengthSums, count, kept }: Passes,
): NeuronStatistics {
  const [neurons, width, features] = directions.shape as [number, number, number];
  const rows = (columns: number): FloatTensor => floatTensor(new Float32Array(neurons * columns), [neurons, columns]);
  const column = (): FloatTensor => floatTensor(new Float32Array(neurons), [neurons]);
  const result = {
    count,
    mean_effects: rows(features),
    mean_lengths: column(),
    thresholds: column(),
    shares: column(),
    concentrations: column(),
    directions: rows(features),
    explained: column(),
    explained_random: column(),
    top_pictures: intTensor(new Int32Array(neurons * kept), [neurons, kept]),
    top_lengths: rows(kept),
  };
  for (let neuron = 0; neuron < neurons; neuron++) {
    const own = directions.data.subarray(neuron * width * features, (neuron + 1) * width * features);
    const mean = Float64Array.from({ length: width }, (_, k) => means.data[k * neurons + neuron]!);
    result.mean_effects.data.set(combine(mean, own), neuron * features);
    const best = strongest.of(neuron);
    const threshold = best.lengths.at(-1)!;
    const factor = factors.data.subarray(neuron * width * width, (neuron + 1) * width * width);
    const { weights, explained } = mainDirection(best, factor, width);
    result.directions.data.set(unit(combine(weights, own)), neuron * features);
    result.explained.data[neuron] = explained;
    const random = seeded(0, "directions by chance", neuron);
    result.explained_random.data[neuron] = randomDirectionShare(best, factor, { width, draws: DRAWS, random });
    result.mean_lengths.data[neuron] = lengthSums[neuron]! / count;
    result.thresholds.data[neuron] = threshold;
    result.shares.data[neuron] = best.lengths.filter((length) => length > threshold).length / count;
    const loudest = best.lengths.reduce((total, length) => total + length ** 2, 0);
    result.concentrations.data[neuron] = squares[neuron]! > 0 ? loudest / squares[neuron]! : 0;
    result.top_pictures.data.set(best.pictures, neuron * kept);
    result.top_lengths.data.set(best.lengths, neuron * kept);
  }
  return result;
}

/** Sum of rows [K,D] with weights [K]. */
function combine(weights: Float64Array, rows: Float32Array): Float64Array {
  const width = rows.length / weights.length;
  const out = new Float64Array(width);
  for (const [k, weight] of weights.entries()) {
    if (weight !== 0) for (let i = 0; i < width; i++) out[i]! += weight * rows[k * width + i]!;
  }
  return out;
}

/** Rounding in the Gram matrices is taken out of the length. */
function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((x) => x / length) : vector;
}

function checkedTop(count: number, top: number | undefined): number {
  if (count < 2) {
    throw new UsageError({
      what: "too few pictures to tell what neurons do over a set",
      got: String(count),
      expected: "2 or more, better hundreds",
      fix: "add pictures",
    });
  }
  if (top !== undefined && !(Number.isInteger(top) && top >= 1 && top <= count)) {
    throw new UsageError({
      what: "no such number of strongest pictures",
      got: `${top} of ${count}`,
      expected: `a whole number from 1 to ${count}`,
    });
  }
  return top ?? strongestOf(count);
}
