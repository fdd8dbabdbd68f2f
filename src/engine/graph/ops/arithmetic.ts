/** Broadcasting arithmetic of two operands. */
import { type Shape, sameShape } from "../../tensor/shape.js";
import { apply, type GradientRule, type NoAttributes, type Op, type Value } from "../value.js";
import { commonShape } from "./broadcast.js";
import { greaterOrEqual, less, where } from "./compare.js";
import { constant } from "./leaves.js";
import { sum } from "./reduce.js";
import { reshape } from "./shaping.js";

/** Gradients as if both operands had the result's shape already; the row sums them over what was broadcast. */
type Partials = (a: Value, b: Value, upstream: Value, result: Value) => readonly [Value, Value];

function binary(name: string, onnx: string, partials: Partials): Op<NoAttributes> {
  const gradient: GradientRule<NoAttributes> = (result, upstream) => {
    const [a, b] = result.inputs as [Value, Value];
    const [da, db] = partials(a, b, upstream, result);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  };
  return {
    name,
    infer: (inputs) => ({ dtype: inputs[0]!.dtype, shape: commonShape(name, inputs) }),
    lower: (to, { inputs }) => to.node(onnx, inputs),
    gradient,
  };
}

export const addOp = binary("add", "Add", (_a, _b, upstream) => [upstream, upstream]);
export const subOp = binary("sub", "Sub", (_a, _b, upstream) => [upstream, mul(upstream, -1)]);
export const mulOp = binary("mul", "Mul", (a, b, upstream) => [mul(upstream, b), mul(upstream, a)]);
export const divOp = binary("div", "Div", (_a, b, upstream, result) => {
  const da = div(upstream, b);
  return [da, mul(mul(da, result), -1)];
});
/** Where both are equal, the gradient goes to the first. */
export const maximumOp = binary("maximum", "Max", (a, b, upstream) => [
  where(greaterOrEqual(a, b), upstream, 0),
  where(less(a, b), upstream, 0),
]);
export const minimumOp = binary("minimum", "Min", (a, b, upstream) => [
  where(greaterOrEqual(b, a), upstream, 0),
  where(less(b, a), upstream, 0),
]);

export type Operand = Value | number;
export const operand = (x: Operand): Value => (typeof x === "number" ? constant(x) : x);
const NONE: NoAttributes = {};

/** a + b; shapes broadcast as in NumPy, here and below. */
export const add = (a: Operand, b: Operand): Value => apply(addOp, [operand(a), operand(b)], NONE);
export const sub = (a: Operand, b: Operand): Value => apply(subOp, [operand(a), operand(b)], NONE);
export const mul = (a: Operand, b: Operand): Value => apply(mulOp, [operand(a), operand(b)], NONE);
export const div = (a: Operand, b: Operand): Value => apply(divOp, [operand(a), operand(b)], NONE);
/** The larger of each pair of elements. */
export const maximum = (a: Operand, b: Operand): Value => apply(maximumOp, [operand(a), operand(b)], NONE);
/** The smaller of each pair of elements. */
export const minimum = (a: Operand, b: Operand): Value => apply(minimumOp, [operand(a), operand(b)], NONE);

/** Undoes a broadcast: sums x over the axes along which a tensor of `shape` was repeated to x's shape. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const added = x.shape.length - shape.length;
  const repeated = x.shape.flatMap((n, axis) => (axis < added || (n !== 1 && shape[axis - added] === 1) ? [axis] : []));
  return reshape(sum(x, repeated), shape);
}
