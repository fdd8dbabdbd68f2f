/** Sizes of each axis, outermost first; row-major. */
export type Shape = readonly number[];

/** Number of elements of a tensor of this shape (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, axis) => n === b[axis]);
}

/** `[2,3]`, as messages print it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}
