/** A set without the pictures that nobody can read. */
import { UsageError } from "../../engine/errors.js";
import { stackRows } from "../../engine/tensor/rows.js";
import type { PixelSource } from "../decompose/sources.js";
import { printable } from "../terminal-text.js";
import { type Skipped, usableBatches } from "./usable-batches.js";

export interface UsableSource {
  readonly source: PixelSource;
  readonly skipped: readonly Skipped[];
}

/**
 * Reads every picture once to find those that cannot be read, and leaves them out; with `strict`, leaves the set as it is, so that
 * reading throws. Throws {@link UsageError} where nothing is left.
 */
export async function usableSource(
  source: PixelSource,
  { batch, strict }: { readonly batch: number; readonly strict: boolean },
): Promise<UsableSource> {
  if (strict) return { source, skipped: [] };
  const usable: number[] = [];
  const skipped: Skipped[] = [];
  const skip = (one: Skipped): void => {
    skipped.push(one);
  };
  for await (const { usable: own } of usableBatches(source, { from: 0, size: batch, skip })) usable.push(...own);
  if (skipped.length === 0) return { source, skipped };
  if (usable.length === 0) {
    const { name, reason } = skipped[0]!;
    throw new UsageError({ what: "none of the pictures can be read", where: name, got: reason, fix: "name others" });
  }
  return {
    skipped,
    source: {
      names: usable.map((index) => source.names[index]!),
      async read(start, end) {
        const parts = [];
        for (const index of usable.slice(start, end)) parts.push(await source.read(index, index + 1));
        return stackRows(parts);
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    },
  };
}

const SHOWN = 5;

/** Lines for people: how many of `all` pictures were left out, and why. */
export function skippedLines(skipped: readonly Skipped[], all: number): string[] {
  if (skipped.length === 0) return [];
  const more = skipped.length - SHOWN;
  return [
    `Left out ${skipped.length} of ${all} pictures, read ${all - skipped.length}:`,
    ...skipped.slice(0, SHOWN).map(({ name, reason }) => `  ${printable(name)}: ${printable(reason)}`),
    ...(more > 0 ? [`  and ${more} more (all with --json)`] : []),
  ];
}
