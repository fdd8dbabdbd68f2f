import type { HeadRows } from "../../methods/decompose/head-space.js";
import { decompose } from "../../methods/decompose/decompose.js";
import type { Clip } from "../../models/clip/clip.js";
import { batchesOf, type PixelSource } from "../decompose/sources.js";
import { countProgress } from "../progress.js";

/** What heads say of pictures, a batch at a time, and how far it has come on stderr. */
export async function* headRowsOf(clip: Clip, source: PixelSource, batch: number): AsyncGenerator<HeadRows> {
  const progress = countProgress(source.names.length, "pictures");
  try {
    for await (const { start, pixels } of batchesOf(source, batch)) {
      yield await decompose(clip, pixels, { batch });
      progress.update(start + pixels.shape[0]!);
    }
  } finally {
    progress.clear();
  }
}
