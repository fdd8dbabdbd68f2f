import type { Shape } from "../../tensor/shape.js";

/** Whether the elements lie in row-major order without gaps. Strides of axes of size 1 say nothing. */
export function isContiguous(shape: Shape, strides: Shape): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Elements between a tensor's first and last, both included. No axis may be empty. */
export function reach(shape: Shape, strides: Shape): number {
  return shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, 1);
}

/** The elements (`width` bytes each) in row-major order. `source` begins at the tensor's first element. */
export function gather(source: Uint8Array, width: number, shape: Shape, strides: Shape): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const target = new Uint8Array(count * width);
  const index = shape.map(() => 0);
  let position = 0;
  for (let i = 0; i < count; i++) {
    const at = position * width;
    for (let byte = 0; byte < width; byte++) target[i * width + byte] = source[at + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return target;
}
