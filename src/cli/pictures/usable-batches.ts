/** Batches of a set that may hold pictures nobody can read. */
import { UsageError, VitrineError } from "../../engine/errors.js";
import { stackRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { PixelSource } from "../decompose/sources.js";

export interface UsableBatch {
  /** The batch is of pictures `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** Those of them that could be read, ascending. */
  readonly usable: readonly number[];
  /** Of the usable ones [n,3,S,S]; absent when there is none. */
  readonly pixels: FloatTensor | undefined;
}

export interface Skipped {
  readonly index: number;
  readonly name: string;
  readonly reason: string;
}

/**
 * Batches of `size` pictures from picture `from` on. Pictures that cannot be read are told to `skip` and left out. Throws for a file
 * that is not there: its name is wrong, not its content.
 */
export async function* usableBatches(
  source: PixelSource,
  { from, size, skip }: { readonly from: number; readonly size: number; readonly skip: (skipped: Skipped) => void },
): AsyncGenerator<UsableBatch> {
  const { length } = source.names;
  for (let start = from; start < length; start += size) {
    const end = Math.min(start + size, length);
    const whole = await source.read(start, end).catch(leaveOut);
    if (whole !== undefined) yield { start, end, usable: range(start, end), pixels: whole };
    else yield await oneByOne(source, start, end, skip);
  }
}

/** For those who leave nothing out: throws `UsageError`. */
export function refuseSkipped({ name, reason }: Skipped): never {
  throw new UsageError({
    what: "a picture cannot be read",
    where: name,
    got: reason,
    fix: "leave out --strict to skip it",
  });
}

async function oneByOne(
  source: PixelSource,
  start: number,
  end: number,
  skip: (skipped: Skipped) => void,
): Promise<UsableBatch> {
  const usable: number[] = [];
  const parts: FloatTensor[] = [];
  for (const index of range(start, end)) {
    try {
      parts.push(await source.read(index, index + 1));
      usable.push(index);
    } catch (error) {
      leaveOut(error);
      skip({ index, name: source.names[index]!, reason: (error as Error).message });
    }
  }
  return { start, end, usable, pixels: parts.length === 0 ? undefined : stackRows(parts) };
}

/** Throws an error that is not about the content of a picture. */
function leaveOut(error: unknown): undefined {
  if (error instanceof VitrineError && error.code !== "image-file-missing") return undefined;
  throw error;
}

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);
