/** What an idempotent generator is used for: samples, projections, and how far a picture is from what the generator knows. */
import type { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { IdempotentGenerator, NormMode } from "../../models/idempotent/generator.js";
import { drawNoise, type Spectrum } from "./noise.js";

export interface RunOptions {
  /** Batch norms' statistics for noise and for pictures; those that the model names by default. */
  readonly noise?: NormMode;
  readonly pictures?: NormMode;
  /** Pictures a run, as `GeneratorRun` has it. */
  readonly batch?: number;
}

/** f(z), f(f(z)), … of noise z [B,C,S,S]: `steps` results, the last of which is the sample. */
export async function refine(
  generator: IdempotentGenerator,
  z: FloatTensor,
  steps: number,
  { noise = generator.parts.use.noise, ...options }: RunOptions = {},
): Promise<FloatTensor[]> {
  const first = await generator.run(z, { mode: noise, ...batchOf(options) });
  return [first, ...(steps > 1 ? await project(generator, first, steps - 1, options) : [])];
}

/** f(y), f(f(y)), … of pictures y [B,C,S,S]: `times` results. */
export async function project(
  generator: IdempotentGenerator,
  y: FloatTensor,
  times: number,
  { pictures = generator.parts.use.pictures, ...options }: RunOptions = {},
): Promise<FloatTensor[]> {
  const run = { mode: pictures, ...batchOf(options) };
  const results: FloatTensor[] = [];
  for (let i = 0; i < times; i++) results.push(await generator.run(results.at(-1) ?? y, run));
  return results;
}

const batchOf = ({ batch }: RunOptions): { readonly batch?: number } => (batch === undefined ? {} : { batch });

/** Noise of which each row depends on the stream and its own number alone. */
export function noiseRows(
  random: (row: number) => Random,
  count: number,
  shape: readonly number[],
  spectrum?: Spectrum,
): FloatTensor {
  const data = new Float32Array(count * sizeOf(shape));
  for (let row = 0; row < count; row++) data.set(drawNoise(random(row), 1, shape, spectrum).data, row * sizeOf(shape));
  return floatTensor(data, [count, ...shape]);
}

/**
 * `count` pieces of noise on the way from a to b, both included. White noise lies on a sphere, so the way is an arc, along which length changes
 * evenly (Shoemake 1985; White 2016, "Sampling Generative Networks"); straight where a and b are parallel.
 */
export function interpolateNoise(a: FloatTensor, b: FloatTensor, count: number): FloatTensor {
  const size = a.data.length;
  const [lengthA, lengthB] = [norm(a.data), norm(b.data)];
  const cosine = a.data.reduce((sum, value, i) => sum + value * b.data[i]!, 0) / (lengthA * lengthB);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const data = new Float32Array(count * size);
  for (let k = 0; k < count; k++) {
    const t = count === 1 ? 0 : k / (count - 1);
    const isStraight = !(Math.sin(angle) > 1e-6);
    const p = isStraight ? 1 - t : Math.sin((1 - t) * angle) / Math.sin(angle);
    const q = isStraight ? t : Math.sin(t * angle) / Math.sin(angle);
    for (let i = 0; i < size; i++) data[k * size + i] = p * a.data[i]! + q * b.data[i]!;
  }
  return floatTensor(data, [count, ...a.shape.slice(-3)]);
}

/** a - b + c, element by element: latent arithmetic. The sum is brought to the length of a, for it is noise of that length that f knows. */
export function combineNoise(a: FloatTensor, b: FloatTensor, c: FloatTensor): FloatTensor {
  const sum = a.data.map((value, i) => value - b.data[i]! + c.data[i]!);
  const scale = norm(a.data) / norm(sum);
  return floatTensor(
    sum.map((value) => value * scale),
    a.shape,
  );
}

/** |f(y) - y| of each pixel, the mean over channels: [B,S,S]. */
export function driftMaps(y: FloatTensor, projected: FloatTensor): FloatTensor {
  const [count, channels, height, width] = y.shape as [number, number, number, number];
  const area = height * width;
  const maps = new Float32Array(count * area);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      const from = (i * channels + c) * area;
      for (let k = 0; k < area; k++)
        maps[i * area + k]! += Math.abs(projected.data[from + k]! - y.data[from + k]!) / channels;
    }
  }
  return floatTensor(maps, [count, height, width]);
}

/** Root of the mean square of f(y) - y, for each picture: how far it is from what the generator leaves alone. */
export function drift(y: FloatTensor, projected: FloatTensor): Float64Array {
  return distances(y, projected);
}

/** Root of the mean square of a - b, for each row. */
export function distances(a: FloatTensor, b: FloatTensor): Float64Array {
  const size = sizeOf(a.shape.slice(1));
  return Float64Array.from({ length: a.shape[0]! }, (_, row) => {
    let sum = 0;
    for (let i = row * size; i < (row + 1) * size; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
    return Math.sqrt(sum / size);
  });
}

/**
 * r_k = |f^(k+1)(z) - f^k(z)| / |f(z) - z| for k = 1, 2, …, given z and [f(z), f(f(z)), …]: distances over all rows taken together. 0 where f is
 * idempotent.
 */
export function idempotenceRatios(z: FloatTensor, results: readonly FloatTensor[]): number[] {
  const first = rms(distances(z, results[0]!));
  return results.slice(1).map((next, k) => rms(distances(next, results[k]!)) / first);
}

function rms(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
