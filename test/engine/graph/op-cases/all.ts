import type { MakeCase } from "./case.js";
import { ELEMENTWISE } from "./elementwise.js";
import { MOVES } from "./moves.js";
import { PRODUCTS } from "./products.js";
import { ROWS } from "./rows.js";

const CASES: readonly MakeCase[] = [...ELEMENTWISE, ...PRODUCTS, ...ROWS, ...MOVES];

/** Each with the name of its op, and of its place among those of that op. */
export const OP_CASES = CASES.map((make, i) => {
  const { op } = make(2, 3, 4);
  return { op, make, name: `${op} (${i})` };
});
