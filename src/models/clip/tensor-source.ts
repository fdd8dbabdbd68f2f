/**
 * What weights are read from, under a layout's names: a checkpoint, or the parameters of a model in training.
 */
import type { Shape } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Linear, Norm } from "./weights.js";

export interface TensorSource<T> {
  readonly has: (name: string) => boolean;
  readonly names: () => readonly string[];
  /** Gets a tensor and checks its shape; `undefined` in `shape` lets any size pass. */
  readonly take: (name: string, shape: readonly (number | undefined)[]) => T;
  /** Rows `start` to `end` (exclusive) of a tensor. */
  readonly rows: (tensor: T, start: number, end: number) => T;
}

export interface Shaped {
  readonly shape: Shape;
}

/** A patch embedding [width,3,p,p]. */
export function squarePatch<T extends Shaped>({ take }: TensorSource<T>, name: string, width: number): T {
  const size = take(name, [width, 3, undefined, undefined]).shape[2];
  return take(name, [width, 3, size, size]);
}

export function takeNorm<T>({ take }: TensorSource<T>, name: string, width: number): Norm<T> {
  return { gamma: take(`${name}.weight`, [width]), beta: take(`${name}.bias`, [width]) };
}

export function takeLinear<T>({ take }: TensorSource<T>, name: string, out: number, width: number): Linear<T> {
  return { weight: take(`${name}.weight`, [out, width]), bias: take(`${name}.bias`, [out]) };
}

/** Learnt tokens or places, stored as [1, rows, width], as [rows, width]. */
export function takeRows({ take }: TensorSource<StoredTensor>, name: string, width: number | undefined): StoredTensor {
  const stored = take(name, [1, undefined, width]);
  return { ...stored, shape: stored.shape.slice(1) };
}

/**
 * 0 … L-1 for the L blocks under `prefix`: the largest index decides, so a hole in between is a missing tensor. At least one, so that
 * this is one where there are none.
 */
export function blockIndices<T>(source: TensorSource<T>, prefix: string): number[] {
  let count = 1;
  for (const name of source.names()) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const index = Number.parseInt(name.slice(prefix.length + 1), 10);
    if (index < MAX_BLOCKS) count = Math.max(count, index + 1);
  }
  return Array.from({ length: count }, (_, i) => i);
}

/** Deeper than any model; a bound against hostile names. */
const MAX_BLOCKS = 1024;
