/** Ways to damage pictures: what a generator is asked to bring back. */
import type { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Corruption } from "./corruptions.js";
import { fillNormal } from "./noise.js";

/** Deviation of added noise. */
const DEVIATION = 0.15;
/** Rows and columns of the hole in pictures of up to {@link HOLE_SIZE}; of larger ones, in proportion. */
const HOLE = [5, 10] as const;
const HOLE_SIZE = 32;
/** Of the blur that a sketch divides by: 21 taps, and the deviation that goes with as many (OpenCV's rule). */
const SKETCH_BLUR = { reach: 10, deviation: 3.5 };
const SKETCH_EPSILON = 1e-10;
/** Of the blur, in sides of the picture. */
const BLUR = 1 / 20;

/**
 * Damaged copies of pictures [B,C,S,S] in [-1, 1]: Gaussian noise of deviation 0.15 added; blurred by a Gaussian of a twentieth of the side;
 * a hole of 5 × 10 at a random place, filled with N(0, 1); a sketch, g / blur(g) - 1 with g = the channels' mean + 1; or the channels' mean. Of the first
 * three there can be more or less: `strength` times the deviation, or the hole's sides. Source of all but the blur: the published notebook on projections
 * from other distributions (Shocher et al. 2024, section 4.2).
 */
export function corrupt(pictures: FloatTensor, corruption: Corruption, random: Random, strength = 1): FloatTensor {
  switch (corruption) {
    case "noise":
      return noisy(pictures, random, strength);
    case "blur": {
      const deviation = strength * BLUR * pictures.shape[3]!;
      return mapPlanes(pictures, (plane, side) => blurred(plane, side, { reach: Math.ceil(3 * deviation), deviation }));
    }
    case "mask":
      return masked(pictures, random, strength);
    case "sketch":
      return mapPlanes(greyed(pictures), sketched);
    case "grey":
      return greyed(pictures);
  }
}

function noisy({ data, shape }: FloatTensor, random: Random, strength: number): FloatTensor {
  const out = new Float32Array(data.length);
  fillNormal(random, out);
  for (let i = 0; i < out.length; i++) out[i] = data[i]! + strength * DEVIATION * out[i]!;
  return floatTensor(out, shape);
}

function masked({ data, shape }: FloatTensor, random: Random, strength: number): FloatTensor {
  const [count, channels, side] = shape as [number, number, number, number];
  const [rows, columns] = HOLE.map((n) =>
    Math.min(side, Math.max(1, Math.round(strength * n * Math.max(1, side / HOLE_SIZE)))),
  ) as [number, number];
  const out = data.slice();
  const filling = new Float32Array(rows * columns);
  for (let i = 0; i < count; i++) {
    const [top, left] = [random.below(side - rows + 1), random.below(side - columns + 1)];
    for (let c = 0; c < channels; c++) {
      fillNormal(random, filling);
      for (let y = 0; y < rows; y++) {
        const at = ((i * channels + c) * side + top + y) * side + left;
        out.set(filling.subarray(y * columns, (y + 1) * columns), at);
      }
    }
  }
  return floatTensor(out, shape);
}

function greyed({ data, shape }: FloatTensor): FloatTensor {
  const [count, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  const out = new Float32Array(data.length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < area; k++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += data[(i * channels + c) * area + k]!;
      for (let c = 0; c < channels; c++) out[(i * channels + c) * area + k] = sum / channels;
    }
  }
  return floatTensor(out, shape);
}

/** Dark lines become dark on white, even areas white; limited to the range of pictures. */
function sketched(plane: Float32Array, side: number): Float32Array {
  const light = plane.map((value) => value + 1);
  const around = blurred(light, side, SKETCH_BLUR);
  return light.map((value, i) => Math.min(1, Math.max(-1, value / (around[i]! + SKETCH_EPSILON) - 1)));
}

function mapPlanes(
  { data, shape }: FloatTensor,
  change: (plane: Float32Array, side: number) => Float32Array,
): FloatTensor {
  const side = shape[3]!;
  const area = side * side;
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += area) out.set(change(data.subarray(at, at + area), side), at);
  return floatTensor(out, shape);
}

interface Blur {
  readonly reach: number;
  readonly deviation: number;
}

/** A Gaussian blur, separable; the picture goes on mirrored beyond its edges. */
function blurred(plane: Float32Array, side: number, { reach, deviation }: Blur): Float32Array {
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / deviation) ** 2));
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  const mirrored = (i: number): number => {
    const period = 2 * (side - 1);
    const at = ((i % period) + period) % period;
    return at < side ? at : period - at;
  };
  const along = (from: Float32Array, place: (line: number, i: number) => number): Float32Array => {
    const out = new Float32Array(from.length);
    for (let line = 0; line < side; line++) {
      for (let i = 0; i < side; i++) {
        let sum = 0;
        for (let t = -reach; t <= reach; t++) sum += taps[t + reach]! * from[place(line, mirrored(i + t))]!;
        out[place(line, i)] = sum / total;
      }
    }
    return out;
  };
  return along(
    along(plane, (line, i) => line * side + i),
    (line, i) => i * side + line,
  );
}
