/** How shapes combine, as in NumPy. */
import type { Shape } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import type { TensorType } from "../value.js";

/** The broadcast of two shapes, or undefined when they do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.push(m === 1 ? n : m);
  }
  return shape;
}

/** The shape that two operands of op `name` broadcast to. Throws `ShapeError` when there is none, or their types differ. */
export function commonShape(name: string, inputs: readonly TensorType[]): Shape {
  const [a, b] = inputs as [TensorType, TensorType];
  const shape = broadcast(a.shape, b.shape);
  if (shape !== undefined && a.dtype === b.dtype) return shape;
  return shapeMismatch(name, inputs, "shapes that broadcast and one element type");
}
