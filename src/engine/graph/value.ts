/**
 * Symbolic tensors. A graph is nothing but values that point at the values they are computed from.
 */
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import type { Lowering } from "./lowering.js";
import { currentScope } from "./scope.js";

/** What is known of a value before anything runs: shapes are static. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * One row of the op table. A rule that is missing is a type error, so an op that can be built can be shaped and lowered.
 * `Attributes` must be plain data: it is part of a program's identity.
 */
export interface Op<Attributes> {
  readonly name: string;
  /** Shape rule: the type of the result. Throws {@link ShapeError} when the inputs do not fit. */
  infer(inputs: readonly TensorType[], attributes: Attributes): TensorType;
  /** ONNX lowering: emits nodes and returns the name of the result. */
  lower(to: Lowering, node: LoweredInputs<Attributes>): string;
  /**
   * Gradient rule: from `upstream`, the gradient of a scalar with respect to `result` (of its shape), to the gradient with
   * respect to each input (of that input's shape; undefined for an input that has none, such as indices). What is not
   * needed is built and never lowered. "none" says that nothing flows back through the op.
   */
  readonly gradient: GradientRule<Attributes> | "none";
}

export type GradientRule<Attributes> = (
  result: Value & { readonly attributes: Attributes },
  upstream: Value,
) => readonly (Value | undefined)[];

/** Attributes of ops that have none. */
export type NoAttributes = Readonly<Record<string, never>>;

export interface LoweredInputs<Attributes> {
  /** ONNX names of the inputs, in order. */
  readonly inputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  readonly attributes: Attributes;
  readonly type: TensorType;
}

// Rows of different attribute types share one table; each row's own builder function keeps its attributes typed.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyOp = Op<any>;

/** An immutable symbolic tensor. Build values with the functions of `ops/`, never directly. */
export interface Value extends TensorType {
  readonly op: AnyOp;
  readonly inputs: readonly Value[];
  readonly attributes: unknown;
  /** The scope it was built in, for messages: `visual.blocks.3.attn`. */
  readonly scope: string;
}

/** Builds the value of `op`, checking shapes at once. */
export function apply<A>(op: Op<A>, inputs: readonly Value[], attributes: A): Value {
  const { shape, dtype } = op.infer(inputs, attributes);
  return Object.freeze({ op, inputs, attributes, shape, dtype, scope: currentScope() });
}
