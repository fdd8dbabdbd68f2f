/** Normalisation over the last axis. */
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { requireFloat } from "./require-float.js";

interface Epsilon {
  readonly epsilon: number;
}

export const softmaxOp: Op<NoAttributes> = {
  name: "softmax",
  infer: (inputs) => {
    requireFloat("softmax", inputs);
    return inputs[0]!;
  },
  lower: (to, { inputs }) => to.node("Softmax", inputs, { axis: -1 }),
};

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
  lower: (to, { inputs, attributes }) =>
    to.node("LayerNormalization", inputs, { axis: -1, epsilon: { float: attributes.epsilon } }),
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
    to.node("LayerNormalization", inputs, { axis: -1, epsilon: { float: attributes.epsilon } }, { outputs: 3 })[2]!,
};

/** Softmax over the last axis. */
export const softmax = (x: Value): Value => apply(softmaxOp, [x], {});

/** (x - mean) / sqrt(var + epsilon) · gamma + beta over the last axis (biased variance). */
export function layerNorm(x: Value, gamma: Value, beta: Value, epsilon: number): Value {
  return apply(layerNormOp, [x, gamma, beta], { epsilon });
}

/** 1 / sqrt(var + epsilon) of {@link layerNorm}, shape […,1]. `gamma` only gives the width. */
export function layerNormScale(x: Value, gamma: Value, epsilon: number): Value {
  return apply(layerNormScaleOp, [x, gamma], { epsilon });
}
