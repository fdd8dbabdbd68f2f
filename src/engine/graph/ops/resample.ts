/** Pooling and resizing of pictures [B,C,H,W]. */
import { sizeOf } from "../../tensor/shape.js";
import { floatTensor } from "../../tensor/tensor.js";
import { shapeMismatch } from "../errors.js";
import type { Lowering } from "../lowering.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { mul } from "./arithmetic.js";
import { convTranspose } from "./conv.js";
import { scatterAdd } from "./indexing.js";
import { constant } from "./leaves.js";
import { matmul } from "./matmul.js";
import { sum } from "./reduce.js";
import { requireFloat } from "./require-float.js";
import { reshape } from "./shaping.js";

interface PoolAttributes {
  readonly kernel: number;
  readonly stride: number;
  /** On both sides: below every value for the maximum, counted zeros for the average. */
  readonly padding: number;
}

const inferPool =
  (name: string, dtype: "float32" | "int32") =>
  (inputs: readonly TensorType[], { kernel, stride, padding }: PoolAttributes): TensorType => {
    requireFloat(name, inputs);
    const [{ shape }] = inputs as [TensorType];
    const spatial = shape.slice(2).map((n) => Math.floor((n + 2 * padding - kernel) / stride) + 1);
    if (shape.length !== 4 || spatial.some((n) => n < 1) || 2 * padding > kernel) {
      return shapeMismatch(name, inputs, `x [B,C,H,W] of at least ${kernel}×${kernel} with padding up to half of it`);
    }
    return { dtype, shape: [...shape.slice(0, 2), ...spatial] };
  };

const poolAttributes = ({ kernel, stride, padding }: PoolAttributes) => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
});

const lowerMaxPool = (to: Lowering, x: string, attributes: PoolAttributes): readonly string[] =>
  to.node("MaxPool", [x], poolAttributes(attributes), { outputs: 2 });

export const maxPoolOp: Op<PoolAttributes> = {
  name: "maxPool",
  infer: inferPool("maxPool", "float32"),
  lower: (to, { inputs, attributes }) => lowerMaxPool(to, inputs[0]!, attributes)[0]!,
  gradient({ inputs, attributes }, upstream) {
    const [x] = inputs as [Value];
    const places = apply(maxPoolPlacesOp, [x], attributes);
    const count = [sizeOf(upstream.shape)];
    return [reshape(scatterAdd(reshape(upstream, count), reshape(places, count), sizeOf(x.shape)), x.shape)];
  },
};

/** Where each maximum was found, as an int32 index into all of x. */
export const maxPoolPlacesOp: Op<PoolAttributes> = {
  name: "maxPoolPlaces",
  infer: inferPool("maxPoolPlaces", "int32"),
  lower: (to, { inputs, attributes }) => to.cast(lowerMaxPool(to, inputs[0]!, attributes)[1]!, "int32"),
  gradient: "none",
};

export const averagePoolOp: Op<PoolAttributes> = {
  name: "averagePool",
  infer: inferPool("averagePool", "float32"),
  lower: (to, { inputs, attributes }) =>
    to.node("AveragePool", inputs, { ...poolAttributes(attributes), count_include_pad: 1 }),
  gradient({ inputs, attributes: { kernel, stride, padding } }, upstream) {
    const [{ shape }] = inputs as [Value];
    const [, channels, ...spatial] = shape as [number, number, ...number[]];
    const weight = 1 / kernel ** 2;
    const tiles = kernel === stride && padding === 0 && spatial.every((n) => n % kernel === 0);
    if (tiles) return [mul(upsampleNearest(upstream, kernel), weight)];
    const window = new Float32Array(channels * kernel ** 2).fill(weight);
    const depthwise = constant(floatTensor(window, [channels, 1, kernel, kernel]));
    return [convTranspose(upstream, depthwise, { stride, padding, groups: channels, spatial })];
  },
};

export const upsampleNearestOp: Op<{ readonly factor: number }> = {
  name: "upsampleNearest",
  infer: (inputs, { factor }) => {
    requireFloat("upsampleNearest", inputs);
    const [{ shape }] = inputs as [TensorType];
    if (shape.length !== 4 || !Number.isInteger(factor) || factor < 1) {
      return shapeMismatch("upsampleNearest", inputs, "x [B,C,H,W] and a whole factor");
    }
    const [batch, channels, height, width] = shape as [number, number, number, number];
    return { dtype: "float32", shape: [batch, channels, height * factor, width * factor] };
  },
  lower: (to, { inputs, type }) =>
    to.node("Resize", [...inputs, "", "", to.int64s(type.shape)], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
  gradient({ inputs, attributes: { factor } }, upstream) {
    const [{ shape }] = inputs as [Value];
    const [batch, channels, height, width] = shape as [number, number, number, number];
    return [sum(reshape(upstream, [batch, channels, height, factor, width, factor]), [3, 5])];
  },
};

export interface PoolOptions {
  /** By default the kernel: windows side by side. */
  readonly stride?: number;
  readonly padding?: number;
}

/** The largest value of each `kernel`×`kernel` window of x [B,C,H,W]. */
export function maxPool2d(x: Value, kernel: number, { stride = kernel, padding = 0 }: PoolOptions = {}): Value {
  return apply(maxPoolOp, [x], { kernel, stride, padding });
}

/** The mean of each `kernel`×`kernel` window of x [B,C,H,W], padding counted. */
export function averagePool2d(x: Value, kernel: number, { stride = kernel, padding = 0 }: PoolOptions = {}): Value {
  return apply(averagePoolOp, [x], { kernel, stride, padding });
}

/** Every pixel of x [B,C,H,W] repeated `factor` times in both directions. */
export const upsampleNearest = (x: Value, factor: number): Value => apply(upsampleNearestOp, [x], { factor });

/**
 * x [B,C,H,W] resized bilinearly to `height` × `width`, pixel centres at halves, without antialiasing: PyTorch's
 * `interpolate(mode="bilinear", align_corners=False)`. Two products with constant matrices.
 */
export function resizeBilinear(x: Value, height: number, width: number): Value {
  const [rows, columns] = x.shape.slice(2) as [number, number];
  return matmul(bilinearMatrix(rows, height), matmul(x, bilinearMatrix(columns, width), { transposeB: true }));
}

/** [to,from]: each row holds the two weights of a result. */
function bilinearMatrix(from: number, to: number): Value {
  const weights = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const centre = Math.max(0, ((row + 0.5) * from) / to - 0.5);
    const first = Math.min(Math.floor(centre), from - 1);
    const second = Math.min(first + 1, from - 1);
    weights[row * from + first]! += 1 - (centre - first);
    weights[row * from + second]! += centre - first;
  }
  return constant(floatTensor(weights, [to, from]));
}
