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
import { concat, type PadAttributes, padOp, reshape } from "./ops/shaping.js";
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
  const onPath = new Set(path);
  const partials = new Map<Value, Value[]>([[loss, [reshape(constant(1), loss.shape)]]]);
  const totals = new Map<Value, Value>();
  for (const value of path.toReversed()) {
    const upstream = total(partials.get(value) ?? []);
    if (upstream === undefined) continue;
    totals.set(value, upstream);
    if (value.op.gradient === "none") continue;
    for (const [i, partial] of value.op.gradient(value, upstream).entries()) {
      const input = value.inputs[i]!;
      if (partial === undefined || !onPath.has(input)) continue;
      partials.set(input, [...(partials.get(input) ?? []), partial]);
    }
  }
  return wrt.map((value, i) => totals.get(value) ?? noGradient(value, i));
}

/** The sum of what flows back along all ways; undefined for none. */
function total(partials: readonly Value[]): Value | undefined {
  return tiled(partials) ?? partials.reduce<Value | undefined>((sum, one) => (sum ? add(sum, one) : one), undefined);
}

/** Where the ways are slices side by side, their gradients joined: what their sum, each with zeros around it, comes to. */
function tiled(partials: readonly Value[]): Value | undefined {
  const pads = partials.map(padded).sort((a, b) => (a?.before ?? 0) - (b?.before ?? 0));
  const [first] = pads;
  if (first === undefined || pads.length < 2) return undefined;
  let end = 0;
  for (const pad of pads) {
    if (pad?.axis !== first.axis || pad.before !== end) return undefined;
    end += pad.inner.shape[pad.axis]!;
  }
  if (end !== partials[0]!.shape[first.axis]) return undefined;
  return concat(
    pads.map((pad) => pad!.inner),
    first.axis,
  );
}

function padded({ op, inputs, attributes }: Value): (PadAttributes & { readonly inner: Value }) | undefined {
  return op === padOp ? { ...(attributes as PadAttributes), inner: inputs[0]! } : undefined;
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
