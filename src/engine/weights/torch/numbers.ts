/** @file Python integers of any size. */
import { quote } from "../errors.js";
import type { Cursor } from "./cursor.js";
import { PickleCorruptError, TorchLimitError } from "./errors.js";

/** The longest integer in a torch file is its ten-byte magic number. */
const MAX_BYTES = 64;
const MAX_DIGITS = 160;

/** A little-endian two's complement integer of `length` bytes; a bigint only where a number would not be exact. */
export function decodeLong(cursor: Cursor, length: number): number | bigint {
  if (length > MAX_BYTES) throw tooLong(`${length} bytes`);
  const bytes = cursor.take(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return narrow(BigInt.asIntN(8 * length, value));
}

/** The operand of INT or LONG: decimal digits, perhaps with Python 2's final `L`; INT also writes booleans, as 00 and 01. */
export function parseDecimal(line: string): number | bigint | boolean {
  if (line === "00" || line === "01") return line === "01";
  if (line.length > MAX_DIGITS) throw tooLong(`${line.length} digits`);
  const match = /^(-?\d+)L?$/.exec(line);
  if (match === null) throw new PickleCorruptError({ what: "bad pickle", got: `${quote(line)} as an integer` });
  return narrow(BigInt(match[1]!));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function tooLong(got: string): Error {
  return new TorchLimitError({ what: "integer too long in a pickle", got, expected: `at most ${MAX_BYTES} bytes` });
}
