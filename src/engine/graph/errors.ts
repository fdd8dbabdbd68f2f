import { VitrineError } from "../errors.js";
import { showShape } from "../tensor/shape.js";
import { currentScope } from "./scope.js";
import type { TensorType } from "./value.js";

/** Values of these shapes or element types cannot be combined by this op. */
export class ShapeError extends VitrineError {
  readonly code = "shape";
}

/** A selector names no site of the model. */
export class UnknownSiteError extends VitrineError {
  readonly code = "unknown-site";
}

/** An edit returned a value whose shape or element type differs from the site's. */
export class EditShapeError extends VitrineError {
  readonly code = "edit-shape";
}

/** A loss has no gradient for a value: it does not depend on it, or not through ops that pass gradients. */
export class NoGradientError extends VitrineError {
  readonly code = "no-gradient";
}

/** Throws the {@link ShapeError} of op `name`, saying where in the model it was built. */
export function shapeMismatch(name: string, inputs: readonly TensorType[], expected: string): never {
  const scope = currentScope();
  throw new ShapeError({
    what: `${name} cannot take these shapes`,
    ...(scope === "" ? {} : { where: scope }),
    got: inputs.map(showType).join(" and "),
    expected,
  });
}

export function showType({ dtype, shape }: TensorType): string {
  return dtype === "float32" ? showShape(shape) : `${dtype}${showShape(shape)}`;
}
