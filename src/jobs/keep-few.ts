import type { JobContext } from "./job.js";

/** Lets go of what has been kept longest under keys that begin with `prefix`, all but `most`. */
export function keepFew({ kept }: JobContext, prefix: string, most: number): void {
  const keys = [...kept.keys()].filter((key) => key.startsWith(prefix));
  for (const key of keys.slice(0, Math.max(0, keys.length - most))) kept.delete(key);
}
