/** Comparisons, selection by them, and the op that stops gradients. */
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { mul, type Operand, operand, sumTo } from "./arithmetic.js";
import { broadcast, commonShape } from "./broadcast.js";

function comparison(name: string, onnx: string): Op<NoAttributes> {
  return {
    name,
    infer: (inputs) => ({ dtype: "bool", shape: commonShape(name, inputs) }),
    lower: (to, { inputs }) => to.node(onnx, inputs),
    gradient: "none",
  };
}

export const greaterOrEqualOp = comparison("greaterOrEqual", "GreaterOrEqual");
export const lessOp = comparison("less", "Less");
export const equalOp = comparison("equal", "Equal");

export const whereOp: Op<NoAttributes> = {
  name: "where",
  infer: (inputs) => {
    const [condition, a, b] = inputs as [TensorType, TensorType, TensorType];
    const values = broadcast(a.shape, b.shape);
    const shape = values && broadcast(condition.shape, values);
    if (shape === undefined || condition.dtype !== "bool" || a.dtype !== b.dtype) {
      return shapeMismatch("where", inputs, "a bool condition and two values of one type that broadcast");
    }
    return { dtype: a.dtype, shape };
  },
  lower: (to, { inputs }) => to.node("Where", inputs),
  gradient: ({ inputs: [condition, a, b] }, upstream) => [
    undefined,
    sumTo(where(condition!, upstream, 0), a!.shape),
    sumTo(where(condition!, 0, upstream), b!.shape),
  ],
};

export const stopGradientOp: Op<NoAttributes> = {
  name: "stopGradient",
  infer: (inputs) => inputs[0]!,
  lower: (_to, { inputs }) => inputs[0]!,
  gradient: "none",
};

export const scaleGradientOp: Op<{ readonly factor: number }> = {
  name: "scaleGradient",
  infer: (inputs) => inputs[0]!,
  lower: (_to, { inputs }) => inputs[0]!,
  gradient: ({ attributes: { factor } }, upstream) => [mul(upstream, factor)],
};

/** a ≥ b as bool; shapes broadcast, here and below. */
export const greaterOrEqual = (a: Operand, b: Operand): Value => apply(greaterOrEqualOp, [operand(a), operand(b)], {});
/** a < b as bool. */
export const less = (a: Operand, b: Operand): Value => apply(lessOp, [operand(a), operand(b)], {});
/** a = b as bool. */
export const equal = (a: Operand, b: Operand): Value => apply(equalOp, [operand(a), operand(b)], {});
/** Elements of a where the bool `condition` holds, else of b. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  return apply(whereOp, [condition, operand(a), operand(b)], {});
}
/** x itself, as a constant to gradients: nothing flows back through it. */
export const stopGradient = (x: Value): Value => apply(stopGradientOp, [x], {});
/** x itself, of which gradients see `factor` times as much: one backward pass can serve losses that differ by a factor. */
export const scaleGradient = (x: Value, factor: number): Value => apply(scaleGradientOp, [x], { factor });
