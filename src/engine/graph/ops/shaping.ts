/** Ops that move elements without changing them. */
import { sameShape, type Shape, sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { sumTo } from "./arithmetic.js";

export const reshapeOp: Op<{ readonly shape: Shape }> = {
  name: "reshape",
  infer: (inputs, { shape }) => {
    const [x] = inputs as [TensorType];
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      return shapeMismatch("reshape", inputs, `${sizeOf(shape)} elements for [${shape.join(",")}]`);
    }
    return { dtype: x.dtype, shape };
  },
  lower: (to, { inputs, type }) => to.node("Reshape", [...inputs, to.int64s(type.shape)]),
  gradient: ({ inputs: [x] }, upstream) => [reshape(upstream, x!.shape)],
};

export const transposeOp: Op<{ readonly order: readonly number[] }> = {
  name: "transpose",
  infer: (inputs, { order }) => {
    const [x] = inputs as [TensorType];
    const isPermutation = [...order].sort((a, b) => a - b).every((axis, i) => axis === i);
    if (order.length !== x.shape.length || !isPermutation) {
      return shapeMismatch("transpose", inputs, `${order.length} axes for the order ${order.join(",")}`);
    }
    return { dtype: x.dtype, shape: order.map((axis) => x.shape[axis]!) };
  },
  lower: (to, { inputs, attributes }) => to.node("Transpose", inputs, { perm: attributes.order }),
  gradient: ({ attributes: { order } }, upstream) => [
    transpose(
      upstream,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ],
};

export const concatOp: Op<{ readonly axis: number }> = {
  name: "concat",
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    const alike = inputs.every(
      ({ shape, dtype }) =>
        dtype === first.dtype &&
        shape.length === first.shape.length &&
        shape.every((n, i) => i === axis || n === first.shape[i]),
    );
    if (!alike || axis < 0 || axis >= first.shape.length) {
      return shapeMismatch("concat", inputs, `shapes that differ on axis ${axis} only`);
    }
    const total = inputs.reduce((length, { shape }) => length + shape[axis]!, 0);
    return { dtype: first.dtype, shape: first.shape.map((n, i) => (i === axis ? total : n)) };
  },
  lower: (to, { inputs, attributes }) => to.node("Concat", inputs, { axis: attributes.axis }),
  gradient: ({ inputs, attributes: { axis } }, upstream) => {
    let end = 0;
    return inputs.map(({ shape }) => slice(upstream, axis, end, (end += shape[axis]!)));
  },
};

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

export const sliceOp: Op<SliceAttributes> = {
  name: "slice",
  infer: (inputs, { axis, start, end }) => {
    const [x] = inputs as [TensorType];
    const length = x.shape[axis];
    if (length === undefined || start < 0 || end > length || start >= end) {
      return shapeMismatch("slice", inputs, `the range ${start}:${end} to lie within axis ${axis}`);
    }
    return { dtype: x.dtype, shape: x.shape.map((n, i) => (i === axis ? end - start : n)) };
  },
  lower: (to, { inputs, attributes: { axis, start, end } }) =>
    to.node("Slice", [...inputs, to.int64s([start]), to.int64s([end]), to.int64s([axis])]),
  gradient: ({ inputs: [x], attributes: { axis, start, end } }, upstream) => [
    pad(upstream, axis, start, x!.shape[axis]! - end),
  ],
};

export interface PadAttributes {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

export const padOp: Op<PadAttributes> = {
  name: "pad",
  infer: (inputs, { axis, before, after }) => {
    const [x] = inputs as [TensorType];
    if (x.shape[axis] === undefined || before < 0 || after < 0) {
      return shapeMismatch("pad", inputs, `axis ${axis} to exist and no negative padding`);
    }
    return { dtype: x.dtype, shape: x.shape.map((n, i) => (i === axis ? before + n + after : n)) };
  },
  lower: (to, { inputs, attributes: { axis, before, after } }) =>
    to.node("Pad", [...inputs, to.int64s([before, after]), "", to.int64s([axis])]),
  gradient: ({ inputs: [x], attributes: { axis, before } }, upstream) => [
    slice(upstream, axis, before, before + x!.shape[axis]!),
  ],
};

export const expandOp: Op<{ readonly shape: Shape }> = {
  name: "expand",
  infer: (inputs, { shape }) => {
    const [x] = inputs as [TensorType];
    const offset = shape.length - x.shape.length;
    if (offset < 0 || x.shape.some((n, axis) => n !== 1 && n !== shape[axis + offset])) {
      return shapeMismatch("expand", inputs, `a shape that broadcasts to [${shape.join(",")}]`);
    }
    return { dtype: x.dtype, shape };
  },
  lower: (to, { inputs, type }) => to.node("Expand", [...inputs, to.int64s(type.shape)]),
  gradient: ({ inputs: [x] }, upstream) => [sumTo(upstream, x!.shape)],
};

/** The same elements in row-major order under another shape. */
export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape });

/** Axes reordered: axis i of the result is axis `order[i]` of x. */
export const transpose = (x: Value, order: readonly number[]): Value => apply(transposeOp, [x], { order });

/** Joined along `axis`. */
export const concat = (values: readonly Value[], axis: number): Value => apply(concatOp, values, { axis });

/** Elements `start` to `end` (exclusive) of `axis`. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  return apply(sliceOp, [x], { axis, start, end });
}

/** `before` and `after` zeros around x along `axis`. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  return before === 0 && after === 0 ? x : apply(padOp, [x], { axis, before, after });
}

/** Repeated along axes of length 1 (and new leading axes) to `shape`. */
export const expand = (x: Value, shape: Shape): Value => apply(expandOp, [x], { shape });
