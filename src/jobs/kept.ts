import type { JobContext } from "./job.js";

/**
 * What was found before under this key, or what `find` gives now. What fails is not kept. Where another job was finding it and is given
 * up, it is found anew: nobody is told of a cancelling that was not theirs.
 */
export async function kept<T>({ kept }: JobContext, key: string, find: () => Promise<T>): Promise<T> {
  for (;;) {
    const known = kept.get(key) as Promise<T> | undefined;
    if (known === undefined) break;
    try {
      return await known;
    } catch (error) {
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
    }
  }
  const found = find();
  kept.set(key, found);
  try {
    return await found;
  } catch (error) {
    if (kept.get(key) === found) kept.delete(key);
    throw error;
  }
}
