/** Head rows of pictures, each kept by itself: a set that grows by one costs one picture. */
import { headRowLayout, type HeadRowLayout, headRows, lastLayers } from "../methods/decompose/head-rows.js";
import type { JobContext, JobControl, OpenModel } from "./job.js";
import { pause } from "./pause.js";
import { type PictureRef, pictureKey } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";
import { LAYERS } from "./sample.js";

/** Pictures in memory at a time. */
const BATCH = 8;

export function rowLayout({ clip }: OpenModel): HeadRowLayout {
  return headRowLayout(clip, lastLayers(clip, LAYERS));
}

/** [n,width], in the order of the pictures. Throws `UnknownPictureError` for one that is neither kept nor here. */
export async function pictureRows(
  context: JobContext,
  open: OpenModel,
  refs: readonly PictureRef[],
  control: JobControl,
): Promise<Float32Array> {
  const layout = rowLayout(open);
  const keyOf = (ref: PictureRef): string => `head row ${open.digest} ${pictureKey(ref)}`;
  const rows = new Float32Array(refs.length * layout.width);
  const missing: number[] = [];
  for (const [i, ref] of refs.entries()) {
    const known = context.kept.get(keyOf(ref)) as Promise<Float32Array> | undefined;
    if (known === undefined) missing.push(i);
    else rows.set(await known, i * layout.width);
  }
  for (let start = 0; start < missing.length; start += BATCH) {
    await pause(control.signal);
    const batch = missing.slice(start, start + BATCH);
    const pixels = await pixelsOf(
      context,
      open.clip,
      batch.map((i) => refs[i]!),
    );
    const { data } = await headRows(open.clip, pixels, layout, { batch: BATCH });
    for (const [at, i] of batch.entries()) {
      const own = data.slice(at * layout.width, (at + 1) * layout.width);
      rows.set(own, i * layout.width);
      context.kept.set(keyOf(refs[i]!), Promise.resolve(own));
    }
    if (missing.length > 1) {
      const done = start + batch.length;
      control.progress({ stage: "reading pictures", done, total: missing.length, unit: "pictures" });
    }
  }
  return rows;
}
