/** Functions of each element: roots, exponentials, activations. */
import type { OnnxAttribute } from "../onnx.js";
import { apply, type Op, type Value } from "../value.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { equal, where } from "./compare.js";
import { requireFloat } from "./require-float.js";

type UnaryAttributes = Readonly<Record<string, number>>;

interface UnaryRow {
  readonly onnx: string;
  readonly domain?: "com.microsoft";
  /** ONNX attributes that do not depend on the op's own. */
  readonly settings?: Readonly<Record<string, OnnxAttribute>>;
  /** The gradient for the input: x, the result y, the upstream gradient, the op's attributes. */
  readonly gradient: (x: Value, y: Value, upstream: Value, attributes: UnaryAttributes) => Value;
}

/** The op's attributes become ONNX attributes of the same names. */
function unary(name: string, { onnx, domain, settings = {}, gradient }: UnaryRow): Op<UnaryAttributes> {
  return {
    name,
    infer: (inputs) => {
      requireFloat(name, inputs);
      return inputs[0]!;
    },
    lower(to, { inputs, attributes }) {
      const own = Object.entries(attributes).map(([key, float]) => [key, { float }] as const);
      const options = domain === undefined ? {} : { domain };
      return to.node(onnx, inputs, { ...settings, ...Object.fromEntries(own) }, options);
    },
    gradient: (result, upstream) => [gradient(result.inputs[0]!, result, upstream, result.attributes)],
  };
}

export const sqrtOp = unary("sqrt", { onnx: "Sqrt", gradient: (_x, y, up) => div(mul(up, 0.5), y) });
export const expOp = unary("exp", { onnx: "Exp", gradient: (_x, y, up) => mul(up, y) });
export const logOp = unary("log", { onnx: "Log", gradient: (x, _y, up) => div(up, x) });
export const sinOp = unary("sin", { onnx: "Sin", gradient: (x, _y, up) => mul(up, cos(x)) });
export const cosOp = unary("cos", { onnx: "Cos", gradient: (x, _y, up) => mul(mul(up, -1), sin(x)) });
export const absOp = unary("abs", { onnx: "Abs", gradient: (x, _y, up) => mul(up, sign(x)) });
export const signOp: Op<UnaryAttributes> = {
  ...unary("sign", { onnx: "Sign", gradient: (_x, _y, up) => up }),
  gradient: "none",
};
export const erfOp = unary("erf", {
  onnx: "Erf",
  gradient: (x, _y, up) => mul(up, mul(exp(mul(mul(x, x), -1)), 2 / Math.sqrt(Math.PI))),
});
export const tanhOp = unary("tanh", { onnx: "Tanh", gradient: (_x, y, up) => mul(up, sub(1, mul(y, y))) });
export const sigmoidOp = unary("sigmoid", { onnx: "Sigmoid", gradient: (_x, y, up) => mul(up, mul(y, sub(1, y))) });
export const softplusOp = unary("softplus", { onnx: "Softplus", gradient: (x, _y, up) => mul(up, sigmoid(x)) });
export const reluOp = unary("relu", { onnx: "Relu", gradient: (_x, y, up) => mul(up, isPositive(y)) });
export const leakyReluOp = unary("leakyRelu", {
  onnx: "LeakyRelu",
  gradient: (x, _y, up, { alpha }) => mul(up, hardSigmoid(isPositive(x), { alpha: 1 - alpha!, beta: alpha! })),
});

/** min(1, max(0, alpha·x + beta)). */
export const hardSigmoidOp = unary("hardSigmoid", {
  onnx: "HardSigmoid",
  gradient: (_x, y, up, { alpha }) => mul(mul(up, alpha!), mul(isPositive(y), isPositive(sub(1, y)))),
});

/** x·Φ(x) with the exact Gaussian CDF (erf), as PyTorch's default GELU. */
export const geluOp = unary("gelu", {
  onnx: "Gelu",
  domain: "com.microsoft",
  // Φ(x) + x·φ(x), in as few passes over memory as ONNX Runtime's kernels allow: half of 1 + erf is one hard sigmoid, and
  // the Gaussian is divided by, which overflows to a quotient of 0 where it should.
  gradient: (x, _y, up) => {
    const scaled = mul(x, Math.SQRT1_2);
    const cdf = hardSigmoid(erf(scaled), { alpha: 0.5, beta: 0.5 });
    const slope = div(scaled, exp(mul(scaled, scaled)));
    return mul(up, add(cdf, mul(slope, 1 / Math.sqrt(Math.PI))));
  },
});

/** x·Φ(x) with tanh for the Gaussian CDF: Hendrycks, Gimpel 2016, section 2. */
export const geluTanhOp = unary("geluTanh", {
  onnx: "FastGelu",
  domain: "com.microsoft",
  gradient: (x, _y, up) => {
    const squared = mul(x, x);
    // The tanh of u is 2σ(2u) - 1, so that y is x·σ(2u).
    const gate = sigmoid(mul(mul(x, add(mul(squared, CUBIC), 1)), 2 * TANH_SCALE));
    const slope = mul(add(mul(squared, 3 * CUBIC), 1), 2 * TANH_SCALE);
    return mul(up, mul(gate, add(mul(mul(x, sub(1, gate)), slope), 1)));
  },
});
const TANH_SCALE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** x·sigmoid(alpha·x). */
export const swishOp = unary("swish", {
  onnx: "QuickGelu",
  domain: "com.microsoft",
  gradient: (x, y, up, { alpha }) => {
    const gate = sigmoid(mul(x, alpha!));
    return mul(up, add(gate, mul(mul(y, alpha!), sub(1, gate))));
  },
});

/** x limited to [min, max]; at the limits themselves the gradient passes, as in PyTorch. */
export const clipOp: Op<UnaryAttributes> = {
  ...unary("clip", { onnx: "Clip", gradient: (x, y, up) => where(equal(x, y), up, 0) }),
  lower(to, { inputs, attributes: { min, max } }) {
    const bound = (x: number): string => to.constant({ dtype: "float32", shape: [], data: Float32Array.of(x) });
    return to.node("Clip", [...inputs, bound(min!), bound(max!)]);
  },
};

const NONE: UnaryAttributes = {};

export const sqrt = (x: Value): Value => apply(sqrtOp, [x], NONE);
export const exp = (x: Value): Value => apply(expOp, [x], NONE);
/** Natural logarithm. */
export const log = (x: Value): Value => apply(logOp, [x], NONE);
export const sin = (x: Value): Value => apply(sinOp, [x], NONE);
export const cos = (x: Value): Value => apply(cosOp, [x], NONE);
export const abs = (x: Value): Value => apply(absOp, [x], NONE);
/** -1, 0 or 1. */
export const sign = (x: Value): Value => apply(signOp, [x], NONE);
/** The Gauss error function. */
export const erf = (x: Value): Value => apply(erfOp, [x], NONE);
export const tanh = (x: Value): Value => apply(tanhOp, [x], NONE);
export const sigmoid = (x: Value): Value => apply(sigmoidOp, [x], NONE);
/** log(1 + eˣ). */
export const softplus = (x: Value): Value => apply(softplusOp, [x], NONE);
export const relu = (x: Value): Value => apply(reluOp, [x], NONE);
/** x where positive, `slope`·x elsewhere. */
export const leakyRelu = (x: Value, slope = 0.01): Value => apply(leakyReluOp, [x], { alpha: slope });
/** min(1, max(0, alpha·x + beta)). */
export const hardSigmoid = (x: Value, { alpha = 0.2, beta = 0.5 } = {}): Value =>
  apply(hardSigmoidOp, [x], { alpha, beta });
export const gelu = (x: Value): Value => apply(geluOp, [x], NONE);
/** GELU with tanh in place of the error function. */
export const geluTanh = (x: Value): Value => apply(geluTanhOp, [x], NONE);
/** x·sigmoid(1.702 x), the activation of OpenAI's CLIP weights. */
export const quickGelu = (x: Value): Value => apply(swishOp, [x], { alpha: 1.702 });
/** x·sigmoid(x), also known as swish. */
export const silu = (x: Value): Value => apply(swishOp, [x], { alpha: 1 });
/** x limited to [min, max]. */
export const clip = (x: Value, min: number, max: number): Value => apply(clipOp, [x], { min, max });
/** -x. */
export const neg = (x: Value): Value => mul(x, -1);
/** x·x. */
export const square = (x: Value): Value => mul(x, x);

/** 1 where x > 0, else 0, as float32 in one pass: a hard sigmoid so steep that no positive number is small to it. */
function isPositive(x: Value): Value {
  return hardSigmoid(x, { alpha: STEEP, beta: 0 });
}

/** The largest float32: times the smallest normal number it is above 1. */
const STEEP = 3.4028234663852886e38;
