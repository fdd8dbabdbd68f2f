import { shapeMismatch } from "../errors.js";
import type { TensorType } from "../value.js";

/** Throws {@link ShapeError} for op `name` unless all its inputs are float32: its kernels exist for no other type. */
export function requireFloat(name: string, inputs: readonly TensorType[]): void {
  if (inputs.some(({ dtype }) => dtype !== "float32")) shapeMismatch(name, inputs, "float32 elements");
}
