/** Convolution over any number of spatial axes, and its transpose. */
import { type Shape, sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import type { Lowering } from "../lowering.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { convWeightGradient } from "./conv-weight-gradient.js";
import { sum } from "./reduce.js";
import { requireFloat } from "./require-float.js";

export interface ConvAttributes {
  /** Step of the kernel, zeros on both sides, distance of the kernel's elements: each the same on all spatial axes. */
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  /** Channels are split into so many groups that do not mix. */
  readonly groups: number;
}

export const convOp: Op<ConvAttributes> = {
  name: "conv",
  infer: (inputs, { stride, padding, dilation, groups }) => {
    requireFloat("conv", inputs);
    const [x, w, bias] = inputs as [TensorType, TensorType, TensorType?];
    const expected = "x [B,C,…], weight [out,C/groups,…] no larger than the padded picture, bias [out]";
    const [out, depth] = w.shape as [number, number];
    const isLaidOut = x.shape.length >= 3 && x.shape.length === w.shape.length && depth * groups === x.shape[1];
    if (!isLaidOut || out % groups !== 0 || (bias !== undefined && !isVector(bias, out))) {
      return shapeMismatch("conv", inputs, expected);
    }
    const spatial = x.shape.slice(2).map((n, i) => {
      const extent = dilation * (w.shape[i + 2]! - 1) + 1;
      return Math.floor((n + 2 * padding - extent) / stride) + 1;
    });
    if (spatial.some((n) => n < 1)) return shapeMismatch("conv", inputs, expected);
    return { dtype: "float32", shape: [x.shape[0]!, out, ...spatial] };
  },
  lower: (to, { inputs, inputTypes, attributes }) =>
    to.node("Conv", inputs, onnxAttributes(attributes, inputTypes[0]!.shape.length - 2)),
  gradient({ inputs, attributes }, upstream) {
    const [x, w] = inputs as [Value, Value];
    return [
      convTranspose(upstream, w, { ...attributes, spatial: x.shape.slice(2) }),
      convWeightGradient(x, upstream, { ...attributes, kernel: w.shape.slice(2) }),
      ...(inputs.length === 3 ? [sumChannels(upstream)] : []),
    ];
  },
};

interface ConvTransposeAttributes extends ConvAttributes {
  /** Sizes of the result's spatial axes: with a stride, several inputs of a convolution have outputs of one size. */
  readonly spatial: readonly number[];
}

export const convTransposeOp: Op<ConvTransposeAttributes> = {
  name: "convTranspose",
  infer: (inputs, { spatial, groups, ...geometry }) => {
    requireFloat("convTranspose", inputs);
    const [x, w, bias] = inputs as [TensorType, TensorType, TensorType?];
    const out = w.shape[1]! * groups;
    const isLaidOut = x.shape.length >= 3 && x.shape.length === w.shape.length && x.shape[1] === w.shape[0];
    const surplus = isLaidOut ? outputPadding(x, w, { spatial, groups, ...geometry }) : [];
    const fits = surplus.length === spatial.length && surplus.every((n) => n >= 0 && n < geometry.stride);
    if (!isLaidOut || !fits || w.shape[0]! % groups !== 0 || (bias !== undefined && !isVector(bias, out))) {
      const expected = `x [B,C,…], weight [C,out/groups,…], bias [out], and ${spatial.join("×")} to be a size that they can give`;
      return shapeMismatch("convTranspose", inputs, expected);
    }
    return { dtype: "float32", shape: [x.shape[0]!, out, ...spatial] };
  },
  lower(to, { inputs, inputTypes, attributes }) {
    const [x, w] = inputTypes as [TensorType, TensorType];
    const { stride, padding, dilation, groups, spatial } = attributes;
    const [first, ...others] = w.shape.slice(2).map((n) => dilation * (n - 1) - padding);
    const around = first!;
    if (stride === 1 && groups === 1 && around >= 0 && others.every((n) => n === around)) {
      // Twice as fast as ONNX Runtime's own kernel: a convolution with the kernel turned round.
      const turned = turnedKernel(to, inputs[1]!, w.shape);
      const geometry = onnxAttributes({ ...attributes, padding: around }, spatial.length);
      return to.node("Conv", [inputs[0]!, turned, ...inputs.slice(2)], geometry);
    }
    return to.node("ConvTranspose", inputs, {
      ...onnxAttributes(attributes, spatial.length),
      output_padding: outputPadding(x, w, attributes),
    });
  },
  gradient({ inputs, attributes: { stride, padding, dilation, groups } }, upstream) {
    const geometry = { stride, padding, dilation, groups };
    const [x, w] = inputs as [Value, Value];
    return [
      apply(convOp, [upstream, w], geometry),
      convWeightGradient(upstream, x, { ...geometry, kernel: w.shape.slice(2) }),
      ...(inputs.length === 3 ? [sumChannels(upstream)] : []),
    ];
  },
};

/** [C,out,…] to [out,C,…] with every spatial axis reversed: as one axis, that is its reverse. */
function turnedKernel(to: Lowering, w: string, [channels, out, ...kernel]: Shape): string {
  const flat = to.node("Reshape", [w, to.int64s([channels!, out!, sizeOf(kernel)])]);
  const [last, beforeFirst] = [to.int64s([-1]), to.int64s([-sizeOf(kernel) - 1])];
  const reversed = to.node("Slice", [flat, last, beforeFirst, to.int64s([2]), to.int64s([-1])]);
  const turned = to.node("Transpose", [reversed], { perm: [1, 0, 2] });
  return to.node("Reshape", [turned, to.int64s([out!, channels!, ...kernel])]);
}

function outputPadding(
  x: TensorType,
  w: TensorType,
  { stride, padding, dilation, spatial }: ConvTransposeAttributes,
): number[] {
  return spatial.map((n, i) => {
    const extent = dilation * (w.shape[i + 2]! - 1) + 1;
    return n - ((x.shape[i + 2]! - 1) * stride + extent - 2 * padding);
  });
}

function onnxAttributes({ stride, padding, dilation, groups }: ConvAttributes, rank: number) {
  const each = (n: number, count = rank): number[] => new Array<number>(count).fill(n);
  return { strides: each(stride), pads: each(padding, 2 * rank), dilations: each(dilation), group: groups };
}

const isVector = ({ shape }: TensorType, length: number): boolean => shape.length === 1 && shape[0] === length;

const sumChannels = (x: Value): Value =>
  sum(
    x,
    x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])),
  );

export interface ConvOptions extends Partial<ConvAttributes> {
  /** [out] */
  readonly bias?: Value;
}

/** Cross-correlation of x [B,C,H,W] with w [out,C/groups,h,w]: PyTorch's `conv2d`. */
export const conv2d = (x: Value, w: Value, options: ConvOptions = {}): Value => conv(x, w, options);

/** Cross-correlation of x [B,C,T,H,W] with w [out,C/groups,t,h,w]: PyTorch's `conv3d`. */
export const conv3d = (x: Value, w: Value, options: ConvOptions = {}): Value => conv(x, w, options);

function conv(x: Value, w: Value, { bias, stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): Value {
  return apply(convOp, bias === undefined ? [x, w] : [x, w, bias], { stride, padding, dilation, groups });
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Sizes of the result's spatial axes; by default the smallest possible. */
  readonly spatial?: readonly number[];
}

/** The transpose of {@link conv2d}: x [B,C,H,W], w [C,out/groups,h,w]; PyTorch's `conv_transpose2d`. */
export function convTranspose(x: Value, w: Value, options: ConvTransposeOptions = {}): Value {
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const smallest = x.shape
    .slice(2)
    .map((n, i) => (n - 1) * stride + dilation * ((w.shape[i + 2] ?? 1) - 1) + 1 - 2 * padding);
  const { spatial = smallest } = options;
  const inputs = bias === undefined ? [x, w] : [x, w, bias];
  return apply(convTransposeOp, inputs, { stride, padding, dilation, groups, spatial });
}
