import type { BigIntStats } from "node:fs";

/** Changes whenever a file is replaced or written to: inode, size, time of last change in nanoseconds. */
export function stampOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}`;
}
