/** `vitrine interpret neighbours`: pictures that share a property with a picture, as the heads of that property see it. */
import { type HeadRows, HeadSpace } from "../../methods/decompose/head-space.js";
import { headName } from "../../methods/decompose/report/numbers.js";
import { headsOf } from "../../methods/interpret/analyses.js";
import { normaliseLabel } from "../../methods/interpret/metrics.js";
import { loadClip } from "../../models/clip/load.js";
import { downloadProgress } from "../download-progress.js";
import { headRowsOf } from "../interpret/decomposed.js";
import { openGallery } from "../interpret/gallery.js";
import { HeadReader, type ReadingOptions } from "../interpret/readings.js";
import { queryOf, rowsOf, type SearchOptions, showSearch } from "../interpret/search.js";
import { refuseToOverwrite } from "../overwrite.js";

export interface NeighboursOptions extends SearchOptions, ReadingOptions {
  readonly property: string;
  /** Texts that have to agree with a head's label for it to be used. */
  readonly agree: number;
}

/** Heads are labelled by what they say of the pictures searched. Throws `UsageError` for a property that no head has. */
export async function runNeighbours(image: string, options: NeighboursOptions): Promise<void> {
  const { model, property, agree, combine, batch, out, force } = options;
  if (out !== undefined) refuseToOverwrite(out, force);
  const reader = await HeadReader.open(options);
  await using clip = await loadClip(model, { ...options, ...downloadProgress() });
  await using gallery = await openGallery(clip, options);
  const batches: HeadRows[] = [];
  // Only after all pictures are seen is known which heads are asked for: d numbers of every head are kept until then.
  for await (const { head_coordinates, head_scalars } of headRowsOf(clip, gallery, batch)) {
    batches.push({ head_coordinates, head_scalars });
  }
  const readings = await reader.read(clip, batches);
  const sure = readings.filter(({ texts }) => agreeing(texts) >= agree);
  const heads = headsOf(
    sure.map((one) => ({ ...one, label: one.label === undefined ? undefined : normaliseLabel(one.label) })),
    normaliseLabel(property),
  );
  const space = await HeadSpace.of(clip, heads, combine);
  const sought = { kind: "image", value: image } as const;
  const query = await queryOf(clip, space, sought, options);
  const rows = await rowsOf(space, batches);
  const told = heads.map((one) => `${headName(one)} ${agreeing(one.texts)}/${one.texts.length}`);
  const because = `Heads labelled ${property} (texts that agree): ${told.join(", ")}`;
  const places = heads.map(({ layer, head }) => ({ layer, head }));
  await showSearch({ clip, gallery, sought, heads: places, because, query, rows }, options);
}

function agreeing(texts: readonly { readonly agrees: boolean }[]): number {
  return texts.filter(({ agrees }) => agrees).length;
}
