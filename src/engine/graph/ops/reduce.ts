/** Sums, means and extremes over axes, and running sums along one. */
import { type Shape, sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import { apply, type GradientRule, type Op, type TensorType, type Value } from "../value.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { equal, stopGradient, where } from "./compare.js";
import { requireFloat } from "./require-float.js";
import { expand, reshape } from "./shaping.js";
import { exp, log } from "./unary.js";

interface ReduceAttributes {
  /** Non-negative, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reduction(name: string, onnx: string, gradient: GradientRule<ReduceAttributes>): Op<ReduceAttributes> {
  return {
    name,
    infer: (inputs, { axes, keepDims }) => {
      const [x] = inputs as [TensorType];
      if (axes.some((axis) => axis < 0 || axis >= x.shape.length)) {
        return shapeMismatch(name, inputs, `axes ${axes.join(",")} to exist`);
      }
      const shape = keepDims ? reducedShape(x.shape, axes) : x.shape.filter((_, axis) => !axes.includes(axis));
      return { dtype: x.dtype, shape };
    },
    lower: (to, { inputs, attributes }) =>
      to.node(onnx, [...inputs, to.int64s(attributes.axes)], { keepdims: Number(attributes.keepDims) }),
    gradient,
  };
}

const reducedShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n));

/** A reduced value with its axes back, of length 1. */
function kept(reduced: Value, { inputs, attributes }: Value & { readonly attributes: ReduceAttributes }): Value {
  return reshape(reduced, reducedShape(inputs[0]!.shape, attributes.axes));
}

/** Each is the largest, or ties with others and shares the gradient, as in PyTorch's `amax`. */
const extremeGradient: GradientRule<ReduceAttributes> = (result, upstream) => {
  const [x] = result.inputs as [Value];
  const isExtreme = where(equal(x, kept(result, result)), 1, 0);
  const share = div(kept(upstream, result), sum(isExtreme, result.attributes.axes, { keepDims: true }));
  return [mul(isExtreme, share)];
};

const reduceSum = reduction("sum", "ReduceSum", (result, upstream) => [
  expand(kept(upstream, result), result.inputs[0]!.shape),
]);

export const sumOp: Op<ReduceAttributes> = {
  ...reduceSum,
  /** Sums over leading axes, as of biases' gradients, are products with ones: twice as fast as ONNX Runtime's reduction. */
  lower(to, node) {
    const { shape, dtype } = node.inputTypes[0]!;
    const { axes } = node.attributes;
    const rows = sizeOf(shape.slice(0, axes.length));
    const width = sizeOf(shape.slice(axes.length));
    const isLeading = axes.every((axis, i) => axis === i) && dtype === "float32";
    if (!isLeading || rows < PRODUCT_ROWS || width < PRODUCT_WIDTH) return reduceSum.lower(to, node);
    const flat = to.node("Reshape", [node.inputs[0]!, to.int64s([rows, width])]);
    const product = to.node("MatMul", [to.filled(1, [1, rows]), flat]);
    return to.node("Reshape", [product, to.int64s(node.type.shape)]);
  },
};

/** Smaller sums are no faster as products. */
const [PRODUCT_ROWS, PRODUCT_WIDTH] = [32, 16];

export const meanOp = reduction("mean", "ReduceMean", (result, upstream) => {
  const { shape } = result.inputs[0]!;
  const count = result.attributes.axes.reduce((product, axis) => product * shape[axis]!, 1);
  return [expand(mul(kept(upstream, result), 1 / count), shape)];
});
export const maxOp = reduction("max", "ReduceMax", extremeGradient);
export const minOp = reduction("min", "ReduceMin", extremeGradient);

export const cumulativeSumOp: Op<{ readonly axis: number; readonly reverse: boolean }> = {
  name: "cumulativeSum",
  infer: (inputs, { axis }) => {
    requireFloat("cumulativeSum", inputs);
    const [x] = inputs as [TensorType];
    return axis >= 0 && axis < x.shape.length ? x : shapeMismatch("cumulativeSum", inputs, `axis ${axis} to exist`);
  },
  lower: (to, { inputs, attributes: { axis, reverse } }) =>
    to.node("CumSum", [...inputs, to.int64s([axis])], { reverse: Number(reverse) }),
  gradient: ({ attributes: { axis, reverse } }, upstream) => [cumulativeSum(upstream, axis, { reverse: !reverse })],
};

interface ReduceOptions {
  readonly keepDims?: boolean;
}

/** Sum over `axes` (negative ones count from the end), here and below; `axes` left out are all. */
export const sum = (x: Value, axes?: readonly number[], options?: ReduceOptions): Value =>
  build(sumOp, x, axes, options);
export const mean = (x: Value, axes?: readonly number[], options?: ReduceOptions): Value =>
  build(meanOp, x, axes, options);
export const max = (x: Value, axes?: readonly number[], options?: ReduceOptions): Value =>
  build(maxOp, x, axes, options);
export const min = (x: Value, axes?: readonly number[], options?: ReduceOptions): Value =>
  build(minOp, x, axes, options);

/** log Σ exp(x) over `axes`, safe from overflow. */
export function logSumExp(x: Value, axes: readonly number[], options: ReduceOptions = {}): Value {
  const largest = stopGradient(max(x, axes, { keepDims: true }));
  const total = log(sum(exp(sub(x, largest)), axes, options));
  return add(total, reshape(largest, total.shape));
}

/** Sums of all elements up to each one along `axis`; from the end with `reverse`. */
export function cumulativeSum(x: Value, axis: number, { reverse = false } = {}): Value {
  return apply(cumulativeSumOp, [x], { axis: axis < 0 ? axis + x.shape.length : axis, reverse });
}

function build(
  op: Op<ReduceAttributes>,
  x: Value,
  axes: readonly number[] = x.shape.map((_, axis) => axis),
  { keepDims = false }: ReduceOptions = {},
): Value {
  return apply(op, [x], { axes: normalised(x, axes), keepDims });
}

function normalised(x: Value, axes: readonly number[]): number[] {
  return axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)).sort((a, b) => a - b);
}
