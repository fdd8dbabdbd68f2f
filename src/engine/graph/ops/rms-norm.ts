/** Root-mean-square normalisation over the last axis (Zhang & Sennrich 2019): layer norm without means and offsets. */
import { floatTensor } from "../../tensor/tensor.js";
import { shapeMismatch } from "../errors.js";
import type { Lowering } from "../lowering.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { mul, sub, sumTo } from "./arithmetic.js";
import { constant } from "./leaves.js";
import { mean } from "./reduce.js";
import { requireFloat } from "./require-float.js";

interface Epsilon {
  readonly epsilon: number;
}

/** One kernel gives the result and the scale; ops that need either share it. */
function lowerBoth(to: Lowering, inputs: readonly string[], { epsilon }: Epsilon): readonly string[] {
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  return to.node("SimplifiedLayerNormalization", inputs, attributes, { outputs: 2 });
}

function requireGain(name: string, inputs: readonly TensorType[]): TensorType {
  requireFloat(name, inputs);
  const [x, gamma] = inputs as [TensorType, TensorType];
  if (gamma.shape.length !== 1 || gamma.shape[0] !== x.shape.at(-1)) {
    return shapeMismatch(name, inputs, "x […,D], gamma [D]");
  }
  return x;
}

export const rmsNormOp: Op<Epsilon> = {
  name: "rmsNorm",
  infer: (inputs) => requireGain("rmsNorm", inputs),
  lower: (to, { inputs, attributes }) => lowerBoth(to, inputs, attributes)[0]!,
  /** With n the normalised x and g = upstream · gamma: scale · (g − n · mean(g·n)). */
  gradient({ inputs, attributes: { epsilon } }, upstream) {
    const [x, gamma] = inputs as [Value, Value];
    const normed = normalised(x, epsilon);
    const along = mul(upstream, normed);
    const drift = mean(mul(along, gamma), [-1], { keepDims: true });
    const slope = sub(mul(upstream, gamma), mul(normed, drift));
    return [mul(slope, rmsNormScale(x, gamma, epsilon)), sumTo(along, gamma.shape)];
  },
};

/** The factor that the norm multiplies with, out of the same kernel, so that both agree to the bit. */
export const rmsNormScaleOp: Op<Epsilon> = {
  name: "rmsNormScale",
  infer: (inputs) => {
    const { shape } = requireGain("rmsNormScale", inputs);
    return { dtype: "float32", shape: [...shape.slice(0, -1), 1] };
  },
  lower: (to, { inputs, attributes }) => lowerBoth(to, inputs, attributes)[1]!,
  gradient({ inputs, attributes: { epsilon } }, upstream) {
    const [x, gamma] = inputs as [Value, Value];
    const scale = rmsNormScale(x, gamma, epsilon);
    const factor = mul(mul(upstream, -1 / x.shape.at(-1)!), mul(scale, scale));
    return [mul(normalised(x, epsilon), factor), undefined];
  },
};

function normalised(x: Value, epsilon: number): Value {
  const width = x.shape.at(-1)!;
  return rmsNorm(x, constant(floatTensor(new Float32Array(width).fill(1), [width])), epsilon);
}

/** x / sqrt(mean(x²) + epsilon) · gamma over the last axis. */
export function rmsNorm(x: Value, gamma: Value, epsilon: number): Value {
  return apply(rmsNormOp, [x, gamma], { epsilon });
}

/** 1 / sqrt(mean(x²) + epsilon) of {@link rmsNorm}, shape […,1]. `gamma` only gives the width. */
export function rmsNormScale(x: Value, gamma: Value, epsilon: number): Value {
  return apply(rmsNormScaleOp, [x, gamma], { epsilon });
}
