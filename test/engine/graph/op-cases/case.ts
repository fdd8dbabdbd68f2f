/** What every op must compute, in plain float64 loops: the definition that results and gradients are checked against. */
import type { Value } from "../../../../src/engine/graph/value.js";
import { Random } from "../../../../src/engine/tensor/random.js";
import { sizeOf } from "../../../../src/engine/tensor/shape.js";
import { floatTensor, intTensor, type Tensor } from "../../../../src/engine/tensor/tensor.js";

/** Reads an element of an input. */
export type At = (tensor: number, index: readonly number[]) => number;

export interface Case {
  /** The row of the op table that it is about, or the name of a function built from several. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  build(values: Value[]): Value;
  /** The expected element at `index`. */
  expected(at: At, index: readonly number[]): number;
  /** Float inputs that are constants to gradients. */
  readonly constants?: readonly number[];
}

/** Makes a case of small random sizes, 1 to 6. */
export type MakeCase = (a: number, b: number, c: number) => Case;

const random = new Random(7);

/** Uniform, mean 0, deviation 1. */
export const values = (...shape: number[]): Tensor => floatTensor(random.centred(sizeOf(shape), 1), shape);

/** `values` at least `gap` away from 0. */
export function apartFromZero(gap: number, ...shape: number[]): Tensor {
  const data = values(...shape).data as Float32Array;
  return floatTensor(
    data.map((x) => x + (x < 0 ? -gap : gap)),
    shape,
  );
}

export function positive(...shape: number[]): Tensor {
  return floatTensor(
    (apartFromZero(0.2, ...shape).data as Float32Array).map((x) => Math.abs(x)),
    shape,
  );
}

export const indices = (bound: number, ...shape: number[]): Tensor =>
  intTensor(
    Int32Array.from({ length: sizeOf(shape) }, () => random.below(bound)),
    shape,
  );

/** Rows of k different numbers below `bound`. */
export function differentIndices(bound: number, rows: number, k: number): Tensor {
  const data = Array.from({ length: rows }, () => {
    const left = Array.from({ length: bound }, (_, i) => i);
    return Array.from({ length: k }, () => left.splice(random.below(left.length), 1)[0]!);
  });
  return intTensor(Int32Array.from(data.flat()), [rows, k]);
}

export const sumOver = (n: number, f: (i: number) => number): number => {
  let total = 0;
  for (let i = 0; i < n; i++) total += f(i);
  return total;
};

/** The case's definition evaluated everywhere, in float64. `shift` is added to one element of one input. */
export function evaluate(
  one: Case,
  shape: readonly number[],
  shift?: { readonly tensor: number; readonly element: number; readonly by: number },
): Float64Array {
  const at: At = (tensor, index) => {
    const { data, shape } = one.inputs[tensor]!;
    const flat = shape.reduce((sum, n, axis) => sum * n + index[axis]!, 0);
    return data[flat]! + (shift?.tensor === tensor && shift.element === flat ? shift.by : 0);
  };
  return Float64Array.from({ length: sizeOf(shape) }, (_, flat) => one.expected(at, unravel(flat, shape)));
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const n of shape.toReversed()) {
    index.unshift(flat % n);
    flat = Math.floor(flat / n);
  }
  return index;
}
