/**
 * Reverse-mode differentiation of graphs: the gradients are values of the same graph.
 *
 * @file Source: Griewank and Walther 2008, "Evaluating Derivatives", chapter 3. Only values that lie between the loss and
 * what is asked for are differentiated, so frozen parts cost nothing; rules may build more than is needed, since what is
 * not asked for is never lowered.
 */
import { sizeOf } from "../tensor/shape.js";
import { NoGradientError, shapeMismatch } from "./errors.js";
import { add } from "./ops/arithmetic.js";
import { constant } from "./ops/leaves.js";
import { reshape } from "./ops/shaping.js";
import type { Value } from "./value.js";

/**
 * The gradient of `loss` (float32, one element) with respect to each value of `wrt`, of the same shape.
 * Throws `ShapeError` for a loss of several elements and {@link NoGradientError} where the loss does not depend on a value,
 * or only through ops that pass no gradient.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.dtype !== "float32" || sizeOf(loss.shape) !== 1) {
    return shapeMismatch("gradients", [loss], "a float32 loss of one element");
  }
  const path = pathsTo(loss, new Set(wrt));
  const upstream = new Map<Value, Value>([[loss, reshape(constant(1), loss.shape)]]);
  for (const value of path.toReversed()) {
    const gradient = upstream.get(value);
    if (gradient === undefined || value.op.gradient === "none") continue;
    const partials = value.op.gradient(value, gradient);
    for (const [i, input] of value.inputs.entries()) {
      const partial = partials[i];
      if (partial === undefined) continue;
      const known = upstream.get(input);
      upstream.set(input, known === undefined ? partial : add(known, partial));
    }
  }
  const onPath = new Set(path);
  return wrt.map((value, i) => {
    const found = onPath.has(value) ? upstream.get(value) : undefined;
    return found ?? noGradient(value, i);
  });
}

/** The values that `loss` is computed from and that depend on `wrt` through differentiable ops, inputs before results. */
function pathsTo(loss: Value, wrt: ReadonlySet<Value>): Value[] {
  const depends = new Map<Value, boolean>();
  const path: Value[] = [];
  const stack = [loss];
  while (stack.length > 0) {
    const value = stack.at(-1)!;
    const isBlocked = value.op.gradient === "none";
    const open = isBlocked || depends.has(value) ? [] : value.inputs.filter((input) => !depends.has(input));
    if (open.length > 0) {
      stack.push(...open);
      continue;
    }
    stack.pop();
    if (depends.has(value)) continue;
    const isOn = wrt.has(value) || (!isBlocked && value.inputs.some((input) => depends.get(input)));
    depends.set(value, isOn);
    if (isOn) path.push(value);
  }
  return path;
}

function noGradient(value: Value, index: number): never {
  const name = (value.attributes as { readonly name?: unknown }).name;
  throw new NoGradientError({
    what: "the loss does not depend on a value that its gradient is asked for",
    where: typeof name === "string" ? name : `value ${index} (${value.op.name})`,
    fix: "leave it out, or see whether `stopGradient` or an op without gradient lies between",
  });
}
