/** What parameters start from. */
import type { Random } from "../tensor/random.js";
import { type Shape, sameShape, showShape } from "../tensor/shape.js";
import type { StoredTensor } from "../tensor/stored.js";
import type { FloatTensor } from "../tensor/tensor.js";
import { readStored } from "../weights/read-stored.js";
import { ParameterError } from "./errors.js";

/** Fills `out` (row-major, of `shape`). `random` is the parameter's own stream. */
export type Initialiser = (out: Float32Array, random: Random, shape: Shape) => void;

export const zeros: Initialiser = (out) => out.fill(0);
export const ones: Initialiser = (out) => out.fill(1);

export function filled(value: number): Initialiser {
  return (out) => out.fill(value);
}

/** From `low` (included) to `high` (excluded). */
export function uniform(low: number, high: number): Initialiser {
  return (out, random) => {
    for (let i = 0; i < out.length; i++) out[i] = low + random.uniform() * (high - low);
  };
}

export function normal(deviation: number, mean = 0): Initialiser {
  return (out, random) => {
    for (let i = 0; i < out.length; i++) out[i] = mean + deviation * standardNormal(random);
  };
}

/** Normal, drawn again while farther from the mean than `cut` deviations. */
export function truncatedNormal(deviation: number, mean = 0, cut = 2): Initialiser {
  return (out, random) => {
    for (let i = 0; i < out.length; i++) {
      let z = standardNormal(random);
      while (Math.abs(z) > cut) z = standardNormal(random);
      out[i] = mean + deviation * z;
    }
  };
}

/** Uniform within ±√(6 / (fan in + fan out)) (Glorot, Bengio 2010): for [out,in,…] weights. */
export const glorotUniform: Initialiser = (out, random, shape) => {
  const [rows = 1, columns = 1, ...window] = shape;
  const bound = Math.sqrt(6 / ((rows + columns) * window.reduce((a, b) => a * b, 1)));
  uniform(-bound, bound)(out, random, shape);
};

/** A copy of a host tensor or of a tensor of a checkpoint. Throws {@link ParameterError} when the shape is another. */
export function from(source: FloatTensor | StoredTensor): Initialiser {
  return (out, _random, shape) => {
    if (!sameShape(source.shape, shape)) {
      throw new ParameterError({
        what: "a parameter's first value is of another shape",
        ...("name" in source ? { where: source.name } : {}),
        got: showShape(source.shape),
        expected: showShape(shape),
      });
    }
    out.set("bytes" in source ? readStored(source).data : source.data);
  };
}

/** Box–Muller; one of each pair is thrown away, so that a number depends on nothing but the stream's position. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}
