/** Products of two tensors summed over named axes, built from one matrix product. */
import { sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import type { Value } from "../value.js";
import { matmul } from "./matmul.js";
import { sum } from "./reduce.js";
import { reshape, transpose } from "./shaping.js";

/**
 * NumPy's `einsum` for two operands and an explicit result: `einsum("bhqd,bhkd->bhqk", q, k)`. A letter names an axis; each
 * occurs at most once in an operand. Throws `ShapeError` when the equation does not fit the operands.
 */
export function einsum(equation: string, a: Value, b: Value): Value {
  const [left, right, result] = parse(equation, a, b);
  const lengths = new Map(Array.from(left).map((axis, i) => [axis, a.shape[i]!]));
  for (const [i, axis] of Array.from(right).entries()) lengths.set(axis, b.shape[i]!);
  const length = (axes: string): number[] => Array.from(axes).map((axis) => lengths.get(axis)!);

  const shared = Array.from(left).filter((axis) => right.includes(axis));
  const batch = shared.filter((axis) => result.includes(axis)).join("");
  const summed = shared.filter((axis) => !result.includes(axis)).join("");
  const freeA = Array.from(left)
    .filter((axis) => !right.includes(axis) && result.includes(axis))
    .join("");
  const freeB = Array.from(right)
    .filter((axis) => !left.includes(axis) && result.includes(axis))
    .join("");

  const count = (axes: string): number => sizeOf(length(axes));
  const product = matmul(
    reshape(arrange(a, left, batch + freeA + summed), [...length(batch), count(freeA), count(summed)]),
    reshape(arrange(b, right, batch + summed + freeB), [...length(batch), count(summed), count(freeB)]),
  );
  return arrange(reshape(product, length(batch + freeA + freeB)), batch + freeA + freeB, result);
}

/** Sums over axes that are not in `wanted`, and puts the others in its order. */
function arrange(x: Value, axes: string, wanted: string): Value {
  const dropped = Array.from(axes).flatMap((axis, i) => (wanted.includes(axis) ? [] : [i]));
  const left = Array.from(axes).filter((axis) => wanted.includes(axis));
  const kept = dropped.length === 0 ? x : sum(x, dropped);
  return transpose(
    kept,
    Array.from(wanted).map((axis) => left.indexOf(axis)),
  );
}

function parse(equation: string, a: Value, b: Value): [string, string, string] {
  const [, left, right, result] = /^([A-Za-z]*),([A-Za-z]*)->([A-Za-z]*)$/.exec(equation.replaceAll(" ", "")) ?? [];
  const once = (axes = ""): boolean => new Set(axes).size === axes.length;
  const fits =
    left?.length === a.shape.length &&
    right?.length === b.shape.length &&
    [left, right, result].every(once) &&
    Array.from(result!).every((axis) => left.includes(axis) || right.includes(axis)) &&
    Array.from(left).every((axis, i) => !right.includes(axis) || b.shape[right.indexOf(axis)] === a.shape[i]);
  if (!fits) return shapeMismatch("einsum", [a, b], `operands that fit "${equation}"`);
  return [left, right, result!];
}
