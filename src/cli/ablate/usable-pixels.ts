/** Pictures that are gone through more than once, without those that cannot be read. */
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { PixelSource } from "../decompose/sources.js";
import { refuseSkipped, type Skipped, usableBatches } from "../pictures/usable-batches.js";

export interface UsablePixels {
  /** The pictures that can be read, in batches. */
  readonly pixels: () => AsyncGenerator<FloatTensor>;
  /** Filled when all have been gone through once. */
  readonly skipped: readonly Skipped[];
  readonly usable: readonly number[];
}

/** Going through throws `UsageError` when no picture can be read or, if `strict`, one cannot. */
export function usablePixels(
  source: PixelSource,
  { size, strict }: { readonly size: number; readonly strict: boolean },
): UsablePixels {
  const skipped: Skipped[] = [];
  const usable: number[] = [];
  let first = true;
  async function* pixels(): AsyncGenerator<FloatTensor> {
    const noting = first;
    first = false;
    const skip = (one: Skipped): void => {
      if (strict) refuseSkipped(one);
      if (noting) skipped.push(one);
    };
    for await (const batch of usableBatches(source, { from: 0, size, skip })) {
      if (noting) usable.push(...batch.usable);
      if (batch.pixels !== undefined) yield batch.pixels;
    }
    if (usable.length > 0) return;
    const [{ name, reason }] = skipped as [Skipped];
    throw new UsageError({ what: "no picture can be read", where: name, got: reason, fix: "give pictures that can" });
  }
  return { pixels, skipped, usable };
}
