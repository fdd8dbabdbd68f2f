/** Sums and means over axes. */
import { shapeMismatch } from "../errors.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";

interface ReduceAttributes {
  /** Non-negative, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reduction(name: string, onnx: string): Op<ReduceAttributes> {
  return {
    name,
    infer: (inputs, { axes, keepDims }) => {
      const [x] = inputs as [TensorType];
      if (axes.some((axis) => axis < 0 || axis >= x.shape.length)) {
        return shapeMismatch(name, inputs, `axes ${axes.join(",")} to exist`);
      }
      const shape = keepDims
        ? x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
        : x.shape.filter((_, axis) => !axes.includes(axis));
      return { dtype: x.dtype, shape };
    },
    lower: (to, { inputs, attributes }) =>
      to.node(onnx, [...inputs, to.int64s(attributes.axes)], { keepdims: Number(attributes.keepDims) }),
  };
}

export const sumOp = reduction("sum", "ReduceSum");
export const meanOp = reduction("mean", "ReduceMean");

interface ReduceOptions {
  readonly keepDims?: boolean;
}

/** Sum over `axes` (negative ones count from the end). */
export function sum(x: Value, axes: readonly number[], { keepDims = false }: ReduceOptions = {}): Value {
  return apply(sumOp, [x], { axes: normalised(x, axes), keepDims });
}

/** Mean over `axes` (negative ones count from the end). */
export function mean(x: Value, axes: readonly number[], { keepDims = false }: ReduceOptions = {}): Value {
  return apply(meanOp, [x], { axes: normalised(x, axes), keepDims });
}

function normalised(x: Value, axes: readonly number[]): number[] {
  return axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)).sort((a, b) => a - b);
}
