import { LENGTH_BYTES } from "./header.js";

/**
 * Whether a file that begins like this is meant as safetensors: a length with zeros in its upper bytes, then `{`. Looser
 * than the format, so that a damaged file is refused by the reader, which knows what is wrong with it.
 */
export function headerLooksSound(start: Uint8Array): boolean {
  if (start.length <= LENGTH_BYTES) return false;
  return start[LENGTH_BYTES] === 0x7b && start.subarray(5, LENGTH_BYTES).every((byte) => byte === 0);
}
