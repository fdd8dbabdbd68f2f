/** Normalisation over the last axis. */
import { floatTensor } from "../../tensor/tensor.js";
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { mul, sub, sumTo } from "./arithmetic.js";
import { constant } from "./leaves.js";
import { matmul } from "./matmul.js";
import { sum } from "./reduce.js";
import { requireFloat } from "./require-float.js";
import { reshape } from "./shaping.js";
import { exp } from "./unary.js";

interface Epsilon {
  readonly epsilon: number;
}

function softmaxLike(name: string, onnx: string, gradient: (y: Value, upstream: Value) => Value): Op<NoAttributes> {
  return {
    name,
    infer: (inputs) => {
      requireFloat(name, inputs);
      return inputs[0]!;
    },
    lower: (to, { inputs }) => to.node(onnx, inputs, { axis: -1 }),
    gradient: (result, upstream) => [gradient(result, upstream)],
  };
}

const sumLast = (x: Value): Value => sum(x, [-1], { keepDims: true });

export const softmaxOp = softmaxLike("softmax", "Softmax", (y, upstream) =>
  mul(y, sub(upstream, sumLast(mul(upstream, y)))),
);
export const logSoftmaxOp = softmaxLike("logSoftmax", "LogSoftmax", (y, upstream) =>
  sub(upstream, mul(exp(y), sumLast(upstream))),
);

/** One kernel gives the result, the mean and the scale; ops that need different ones share it. */
const LAYER_NORM = "LayerNormalization";
const layerNormAttributes = ({ epsilon }: Epsilon) => ({ axis: -1, epsilon: { float: epsilon } });

export const layerNormOp: Op<Epsilon> = {
  name: "layerNorm",
  infer: (inputs) => {
    requireFloat("layerNorm", inputs);
    const [x, gamma, beta] = inputs as [TensorType, TensorType, TensorType];
    const width = x.shape.at(-1);
    if (gamma.shape.length !== 1 || gamma.shape[0] !== width || beta.shape.length !== 1 || beta.shape[0] !== width) {
      return shapeMismatch("layerNorm", inputs, "x […,D], gamma [D], beta [D]");
    }
    return x;
  },
  lower: (to, { inputs, attributes }) => to.node(LAYER_NORM, inputs, layerNormAttributes(attributes)),
  /**
   * With n the normalised x: scale · (g − mean(g) − n · mean(g·n)) for g = upstream · gamma. The means over the last axis
   * are products with gamma / D, which read the upstream gradient once instead of writing g first.
   */
  gradient({ inputs, attributes: { epsilon } }, upstream) {
    const [x, gamma, beta] = inputs as [Value, Value, Value];
    const width = x.shape.at(-1)!;
    const normed = normalised(x, epsilon);
    const along = mul(upstream, normed);
    const weights = mul(reshape(gamma, [width, 1]), 1 / width);
    const drift = mul(normed, matmul(along, weights));
    const centred = sub(sub(mul(upstream, gamma), matmul(upstream, weights)), drift);
    return [mul(centred, layerNormScale(x, gamma, epsilon)), sumTo(along, gamma.shape), sumTo(upstream, beta.shape)];
  },
};

/** The factor that layer norm multiplies with, out of the same kernel, so that both agree to the bit. */
export const layerNormScaleOp: Op<Epsilon> = {
  name: "layerNormScale",
  infer: (inputs) => {
    requireFloat("layerNormScale", inputs);
    const [x, gamma] = inputs as [TensorType, TensorType];
    if (gamma.shape.length !== 1 || gamma.shape[0] !== x.shape.at(-1)) {
      return shapeMismatch("layerNormScale", inputs, "x […,D], gamma [D]");
    }
    return { dtype: "float32", shape: [...x.shape.slice(0, -1), 1] };
  },
  lower: (to, { inputs, attributes }) =>
    to.node(LAYER_NORM, inputs, layerNormAttributes(attributes), { outputs: 3 })[2]!,
  gradient({ inputs, attributes: { epsilon } }, upstream) {
    const [x, gamma] = inputs as [Value, Value];
    const scale = layerNormScale(x, gamma, epsilon);
    const factor = mul(mul(upstream, -1 / x.shape.at(-1)!), mul(scale, scale));
    return [mul(normalised(x, epsilon), factor), undefined];
  },
};

/** {@link layerNorm} without gain and offset. */
export function normalised(x: Value, epsilon: number): Value {
  const width = x.shape.at(-1)!;
  const filled = (value: number): Value => constant(floatTensor(new Float32Array(width).fill(value), [width]));
  return layerNorm(x, filled(1), filled(0), epsilon);
}

/** Softmax over the last axis. */
export const softmax = (x: Value): Value => apply(softmaxOp, [x], {});

/** Logarithm of the softmax over the last axis. */
export const logSoftmax = (x: Value): Value => apply(logSoftmaxOp, [x], {});

/** (x - mean) / sqrt(var + epsilon) · gamma + beta over the last axis (biased variance). */
export function layerNorm(x: Value, gamma: Value, beta: Value, epsilon: number): Value {
  return apply(layerNormOp, [x, gamma, beta], { epsilon });
}

/** 1 / sqrt(var + epsilon) of {@link layerNorm}, shape […,1]. `gamma` only gives the width. */
export function layerNormScale(x: Value, gamma: Value, epsilon: number): Value {
  return apply(layerNormScaleOp, [x, gamma], { epsilon });
}
