/** Ops that act on each element: broadcasting arithmetic and activations. */
import type { Shape } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { constant } from "./leaves.js";
import { requireFloat } from "./require-float.js";

function binary(name: string, onnx: string): Op<NoAttributes> {
  return {
    name,
    infer: (inputs) => {
      const [a, b] = inputs as [TensorType, TensorType];
      const shape = broadcast(a.shape, b.shape);
      if (shape === undefined || a.dtype !== b.dtype) {
        return shapeMismatch(name, inputs, "shapes that broadcast and one element type");
      }
      return { dtype: a.dtype, shape };
    },
    lower: (to, { inputs }) => to.node(onnx, inputs),
  };
}

function unary(name: string, onnx: string, options?: { readonly domain: string }): Op<NoAttributes> {
  return {
    name,
    infer: (inputs) => {
      requireFloat(name, inputs);
      return inputs[0]!;
    },
    lower: (to, { inputs }) => to.node(onnx, inputs, {}, options),
  };
}

export const addOp = binary("add", "Add");
export const subOp = binary("sub", "Sub");
export const mulOp = binary("mul", "Mul");
export const divOp = binary("div", "Div");
export const sqrtOp = unary("sqrt", "Sqrt");
export const sigmoidOp = unary("sigmoid", "Sigmoid");
/** x·Φ(x) with the exact Gaussian CDF (erf), as PyTorch's default GELU. */
export const geluOp = unary("gelu", "Gelu", { domain: "com.microsoft" });

/** x·sigmoid(1.702 x), the activation of OpenAI's CLIP weights. */
export const quickGeluOp: Op<NoAttributes> = {
  ...geluOp,
  name: "quickGelu",
  lower: (to, { inputs }) => to.node("QuickGelu", inputs, { alpha: { float: 1.702 } }, { domain: "com.microsoft" }),
};

type Operand = Value | number;
const operand = (x: Operand): Value => (typeof x === "number" ? constant(x) : x);
const NONE: NoAttributes = {};

/** a + b; shapes broadcast as in NumPy, here and below. */
export const add = (a: Operand, b: Operand): Value => apply(addOp, [operand(a), operand(b)], NONE);
export const sub = (a: Operand, b: Operand): Value => apply(subOp, [operand(a), operand(b)], NONE);
export const mul = (a: Operand, b: Operand): Value => apply(mulOp, [operand(a), operand(b)], NONE);
export const div = (a: Operand, b: Operand): Value => apply(divOp, [operand(a), operand(b)], NONE);
export const sqrt = (x: Value): Value => apply(sqrtOp, [x], NONE);
export const sigmoid = (x: Value): Value => apply(sigmoidOp, [x], NONE);
export const gelu = (x: Value): Value => apply(geluOp, [x], NONE);
export const quickGelu = (x: Value): Value => apply(quickGeluOp, [x], NONE);

/** The broadcast of two shapes, or undefined when they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.push(m === 1 ? n : m);
  }
  return shape;
}
