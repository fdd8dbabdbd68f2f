/** The noise of samples by their numbers, of ways between them and of sums: sample k of a seed is the same whatever else is drawn. */
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { LoadedGenerator } from "../../models/idempotent/assemble.js";
import { combineNoise, interpolateNoise, noiseRows } from "./project.js";

export interface WantedSamples {
  /** Samples 0, 1, …; steps of each way, both ends included, where there are ways. */
  readonly count: number;
  /** Pairs [a, b] of numbers of samples: ways from a to b. */
  readonly between?: readonly (readonly number[])[];
  /** Triples [a, b, c]: these three, and a - b + c. */
  readonly arithmetic?: readonly (readonly number[])[];
}

export interface SampleNoise {
  /** [B,C,S,S] */
  readonly noise: FloatTensor;
  /** How many belong in a row. */
  readonly columns: number;
}

/** Ways where any are asked for, else sums, else samples. */
export function sampleNoise(
  { generator: { shape }, spectrum }: LoadedGenerator,
  seed: number,
  { count, between = [], arithmetic = [] }: WantedSamples,
): SampleNoise {
  const piece = (n: number): FloatTensor => noiseRows(() => seeded(seed, "sample", n), 1, shape, spectrum);
  if (between.length > 0) {
    const ways = between.map(([a, b]) => interpolateNoise(piece(a!), piece(b!), count));
    return { noise: joined(ways, shape), columns: count };
  }
  if (arithmetic.length > 0) {
    const sums = arithmetic.map((numbers) => {
      const [a, b, c] = numbers.map(piece) as [FloatTensor, FloatTensor, FloatTensor];
      return joined([a, b, c, combineNoise(a, b, c)], shape);
    });
    return { noise: joined(sums, shape), columns: 4 };
  }
  const noise = noiseRows((row) => seeded(seed, "sample", row), count, shape, spectrum);
  return { noise, columns: Math.ceil(Math.sqrt(count)) };
}

function joined(parts: readonly FloatTensor[], shape: readonly number[]): FloatTensor {
  const size = sizeOf(shape);
  const count = parts.reduce((sum, { data }) => sum + data.length / size, 0);
  const data = new Float32Array(count * size);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return floatTensor(data, [count, ...shape]);
}
