/**
 * The noise that an idempotent generator starts from: white, or with the spectrum of the data.
 *
 * @file Source of the second kind: Shocher et al. 2024, section 3.1: each frequency of the data's discrete Fourier transform has a mean and a deviation
 * over the data; noise is drawn with these, transformed back, and its real part taken.
 */
import type { Random } from "../../engine/tensor/random.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";

/** Statistics of the data's spectrum, each [C,S,S,2]: real and imaginary part of each frequency. */
export interface Spectrum {
  readonly mean: FloatTensor;
  readonly deviation: FloatTensor;
}

/** N(0, 1), [count, ...shape]. */
export function gaussianNoise(random: Random, count: number, shape: readonly number[]): FloatTensor {
  const data = new Float32Array(count * sizeOf(shape));
  fillNormal(random, data);
  return floatTensor(data, [count, ...shape]);
}

/** Noise [count,C,S,S] of a spectrum; white noise without one. */
export function drawNoise(random: Random, count: number, shape: readonly number[], spectrum?: Spectrum): FloatTensor {
  if (spectrum === undefined) return gaussianNoise(random, count, shape);
  const side = shape.at(-1)!;
  const area = side * side;
  const planes = sizeOf(shape) / area;
  const data = new Float32Array(count * planes * area);
  const drawn = new Float32Array(2 * planes * area);
  const [real, imaginary] = [new Float64Array(area), new Float64Array(area)];
  for (let i = 0; i < count; i++) {
    fillNormal(random, drawn);
    for (let plane = 0; plane < planes; plane++) {
      for (let k = 0; k < area; k++) {
        const at = 2 * (plane * area + k);
        real[k] = spectrum.mean.data[at]! + spectrum.deviation.data[at]! * drawn[at]!;
        imaginary[k] = spectrum.mean.data[at + 1]! + spectrum.deviation.data[at + 1]! * drawn[at + 1]!;
      }
      const back = transform(real, imaginary, side, 1).real;
      for (let k = 0; k < area; k++) data[(i * planes + plane) * area + k] = back[k]! / area;
    }
  }
  return floatTensor(data, [count, ...shape]);
}

/** Pictures [N,…] with white noise on them, of a deviation of each one's own: anything from 0 to `most`. */
export function addNoise({ data, shape }: FloatTensor, random: Random, most: number): FloatTensor {
  const out = new Float32Array(data.length);
  fillNormal(random, out);
  const size = data.length / shape[0]!;
  for (let row = 0; row < shape[0]!; row++) {
    const deviation = most * random.uniform();
    for (let i = row * size; i < (row + 1) * size; i++) out[i] = data[i]! + deviation * out[i]!;
  }
  return floatTensor(out, shape);
}

/** The spectrum of pictures [N,C,S,S]: measured once for a data set. */
export function measureSpectrum({ data, shape }: FloatTensor): Spectrum {
  const [count, channels, side] = shape as [number, number, number, number];
  const area = side * side;
  const size = 2 * channels * area;
  const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
  const zeros = new Float64Array(area);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      const plane = Float64Array.from(data.subarray((i * channels + c) * area, (i * channels + c + 1) * area));
      const { real, imaginary } = transform(plane, zeros, side, -1);
      for (let k = 0; k < area; k++) {
        for (const [part, value] of [real[k]!, imaginary[k]!].entries()) {
          const at = 2 * (c * area + k) + part;
          sums[at]! += value;
          squares[at]! += value * value;
        }
      }
    }
  }
  const mean = sums.map((sum) => sum / count);
  const deviation = squares.map((sum, k) => Math.sqrt(Math.max(0, sum / count - mean[k]! ** 2)));
  const spectral = [channels, side, side, 2];
  return {
    mean: floatTensor(Float32Array.from(mean), spectral),
    deviation: floatTensor(Float32Array.from(deviation), spectral),
  };
}

/** Fills `out` with standard normal numbers (Box and Muller, both of each pair). */
export function fillNormal(random: Random, out: Float32Array): void {
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}

interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** The discrete Fourier transform of a square, not scaled; `sign` 1 for the way back. Along rows, then along columns. */
function transform(real: Float64Array, imaginary: Float64Array, side: number, sign: 1 | -1): Complex {
  const waves = wavesOf(side);
  const once = alongRows({ real, imaginary }, side, waves, sign);
  return alongRows(once, side, waves, sign);
}

/** Transforms each row and writes it as a column: done twice, rows are rows again. */
function alongRows({ real, imaginary }: Complex, side: number, waves: Complex, sign: 1 | -1): Complex {
  const out = { real: new Float64Array(side * side), imaginary: new Float64Array(side * side) };
  for (let row = 0; row < side; row++) {
    for (let k = 0; k < side; k++) {
      let [sumReal, sumImaginary] = [0, 0];
      for (let x = 0, phase = 0; x < side; x++, phase += k, phase -= phase < side ? 0 : side) {
        const [a, b] = [real[row * side + x]!, imaginary[row * side + x]!];
        const [c, s] = [waves.real[phase]!, sign * waves.imaginary[phase]!];
        sumReal += a * c - b * s;
        sumImaginary += a * s + b * c;
      }
      out.real[k * side + row] = sumReal;
      out.imaginary[k * side + row] = sumImaginary;
    }
  }
  return out;
}

/** exp(2πi·k / side) for each k. */
function wavesOf(side: number): Complex {
  const angles = Float64Array.from({ length: side }, (_, k) => (2 * Math.PI * k) / side);
  return { real: angles.map(Math.cos), imaginary: angles.map(Math.sin) };
}
