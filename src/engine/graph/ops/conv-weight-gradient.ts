/** The gradient of a convolution for its weight, in the form that suits its geometry. */
import { type Shape, sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import type { Lowering } from "../lowering.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { type ConvAttributes, convOp, convTranspose } from "./conv.js";
import { requireFloat } from "./require-float.js";

interface WeightGradientAttributes extends ConvAttributes {
  /** Sizes of the kernel's spatial axes. */
  readonly kernel: Shape;
}

/** x [B,C,…] and the gradient [B,out,…] of the convolution's result, to [out,C/groups,…kernel]. */
export const convWeightGradientOp: Op<WeightGradientAttributes> = {
  name: "convWeightGradient",
  infer: (inputs, { kernel, ...geometry }) => {
    requireFloat("convWeightGradient", inputs);
    const [x, upstream] = inputs as [TensorType, TensorType];
    const shape = [upstream.shape[1]!, x.shape[1]! / geometry.groups, ...kernel];
    const result = convOp.infer([x, { dtype: "float32", shape }], geometry);
    if (result.shape.join() !== upstream.shape.join()) {
      return shapeMismatch("convWeightGradient", inputs, `a gradient of ${result.shape.join(",")}`);
    }
    return { dtype: "float32", shape };
  },
  lower(to, { inputs, inputTypes, attributes }) {
    const [x, upstream] = inputs as [string, string];
    const [xShape, upstreamShape] = inputTypes.map(({ shape }) => shape) as [Shape, Shape];
    const operands = { x, xShape, upstream, upstreamShape };
    const { kernel, stride, padding, dilation, groups } = attributes;
    if (groups > 1) return lowerGroups(to, operands, attributes);
    const tiles = kernel.every((k, i) => k === stride && xShape[i + 2] === k * upstreamShape[i + 2]!);
    if (tiles && padding === 0 && dilation === 1) return lowerPatches(to, operands, kernel);
    if (stride === 1) return lowerShifts(to, operands, attributes);
    return lowerSwapped(to, operands, attributes);
  },
  gradient({ inputs, attributes: { stride, padding, dilation, groups } }, upstream) {
    const geometry = { stride, padding, dilation, groups };
    const [x, y] = inputs as [Value, Value];
    return [
      convTranspose(y, upstream, { ...geometry, spatial: x.shape.slice(2) }),
      apply(convOp, [x, upstream], geometry),
    ];
  },
};

/** See {@link convWeightGradientOp}. */
export function convWeightGradient(x: Value, upstream: Value, attributes: WeightGradientAttributes): Value {
  return apply(convWeightGradientOp, [x, upstream], attributes);
}

interface Operands {
  readonly x: string;
  readonly xShape: Shape;
  readonly upstream: string;
  readonly upstreamShape: Shape;
}

/** Patches that tile the picture: one matrix product of patches as rows. */
function lowerPatches(to: Lowering, { x, xShape, upstream, upstreamShape }: Operands, kernel: Shape): string {
  const [batch, channels] = xShape as [number, number];
  const [, out, ...grid] = upstreamShape as [number, number, ...number[]];
  const rank = kernel.length;
  const split = [batch, channels, ...grid.flatMap((n, i) => [n, kernel[i]!])];
  const gridAxes = grid.map((_, i) => 2 + 2 * i);
  const order = [0, ...gridAxes, 1, ...gridAxes.map((axis) => axis + 1)];
  const tiles = to.node("Transpose", [to.node("Reshape", [x, to.int64s(split)])], { perm: order });
  const rows = batch * sizeOf(grid);
  const patches = to.node("Reshape", [tiles, to.int64s([rows, channels * sizeOf(kernel)])]);
  const last = [0, ...grid.map((_, i) => i + 2), 1];
  const gradients = to.node("Transpose", [upstream], { perm: last.slice(0, rank + 2) });
  const flat = to.node("Reshape", [gradients, to.int64s([rows, out])]);
  return to.node("Reshape", [to.node("Gemm", [flat, patches], { transA: 1 }), to.int64s([out, channels, ...kernel])]);
}

/**
 * Stride 1: the kernel's elements see the picture shifted; one batched product of the gradient with each shift. Both are laid
 * out as single lines, the gradient's rows filled up to those of the padded picture, so that a shift is one plain slice.
 */
function lowerShifts(
  to: Lowering,
  { x, xShape, upstream, upstreamShape }: Operands,
  { kernel, padding, dilation }: WeightGradientAttributes,
): string {
  const [batch, channels, ...size] = xShape as [number, number, ...number[]];
  const [, out, ...steps] = upstreamShape as [number, number, ...number[]];
  const axes = kernel.map((_, i) => i + 2);
  const isPoint = kernel.every((n) => n === 1);
  // The last shifts read past the picture's end, against zeros of the gradient: one more row is there for them.
  const after = axes.map((_, i) => padding + (i === 0 && !isPoint ? 1 : 0));
  const padded = size.map((n, i) => n + padding + after[i]!);
  const picture = padEnds(to, x, axes, new Array<number>(axes.length).fill(padding), after);
  const missing = steps.map((n, i) => (i === 0 ? 0 : padded[i]! - n));
  const gradient = padEnds(to, upstream, axes, new Array<number>(axes.length).fill(0), missing);
  const row = sizeOf(padded.slice(1));
  const length = steps[0]! * row;
  const line = to.node("Reshape", [picture, to.int64s([batch, channels, padded[0]! * row])]);
  const gradientLine = to.node("Reshape", [gradient, to.int64s([batch, out, length])]);
  const strides = padded.map((_, i) => dilation * sizeOf(padded.slice(i + 1)));
  const products = offsets(kernel).map((offset) => {
    const start = offset.reduce((sum, n, i) => sum + n * strides[i]!, 0);
    const shifted = to.node("Slice", [line, to.int64s([start]), to.int64s([start + length]), to.int64s([2])]);
    const each = to.node("FusedMatMul", [gradientLine, shifted], { transB: 1 }, { domain: "com.microsoft" });
    return to.node("ReduceSum", [each, to.int64s([0])], { keepdims: 0 });
  });
  // [out, K·C] from K products [out, C].
  const joined = products.length === 1 ? products[0]! : to.node("Concat", products, { axis: 1 });
  const split = to.node("Reshape", [joined, to.int64s([out, products.length, channels])]);
  return to.node("Reshape", [
    to.node("Transpose", [split], { perm: [0, 2, 1] }),
    to.int64s([out, channels, ...kernel]),
  ]);
}

function padEnds(to: Lowering, x: string, axes: Shape, before: Shape, after: Shape): string {
  if ([...before, ...after].every((n) => n === 0)) return x;
  return to.node("Pad", [x, to.int64s([...before, ...after]), "", to.int64s(axes)]);
}

/** Any geometry: a convolution in which batch and channels, stride and dilation change places. */
function lowerSwapped(
  to: Lowering,
  { x, xShape, upstream, upstreamShape }: Operands,
  { kernel, stride, padding, dilation }: WeightGradientAttributes,
): string {
  const rank = kernel.length;
  const each = (n: number, count = rank): number[] => new Array<number>(count).fill(n);
  const swap = [1, 0, ...kernel.map((_, i) => i + 2)];
  const product = to.node(
    "Conv",
    [to.node("Transpose", [x], { perm: swap }), to.node("Transpose", [upstream], { perm: swap })],
    { strides: each(dilation), dilations: each(stride), pads: each(padding, 2 * rank) },
  );
  const full = kernel.map((_, i) => {
    const extent = stride * (upstreamShape[i + 2]! - 1) + 1;
    return Math.floor((xShape[i + 2]! + 2 * padding - extent) / dilation) + 1;
  });
  const axes = to.int64s(kernel.map((_, i) => i + 2));
  const cut = full.every((n, i) => n === kernel[i])
    ? product
    : to.node("Slice", [product, to.int64s(each(0)), to.int64s(kernel), axes]);
  return to.node("Transpose", [cut], { perm: swap });
}

function lowerGroups(to: Lowering, operands: Operands, attributes: WeightGradientAttributes): string {
  const { groups } = attributes;
  const { x, xShape, upstream, upstreamShape } = operands;
  const part = (name: string, shape: Shape, group: number): { name: string; shape: Shape } => {
    const width = shape[1]! / groups;
    const range = [to.int64s([group * width]), to.int64s([(group + 1) * width]), to.int64s([1])];
    return { name: to.node("Slice", [name, ...range]), shape: [shape[0]!, width, ...shape.slice(2)] };
  };
  const parts = Array.from({ length: groups }, (_, group) => {
    const own = part(x, xShape, group);
    const gradient = part(upstream, upstreamShape, group);
    return lowerSwapped(
      to,
      { x: own.name, xShape: own.shape, upstream: gradient.name, upstreamShape: gradient.shape },
      attributes,
    );
  });
  return to.node("Concat", parts, { axis: 0 });
}

/** All positions in a kernel, row-major. */
function offsets(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (all, n) => all.flatMap((offset) => Array.from({ length: n }, (_, i) => [...offset, i])),
    [[]],
  );
}
