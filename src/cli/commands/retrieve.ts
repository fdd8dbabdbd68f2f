/** `vitrine retrieve`, and `vitrine interpret image|text`: which pictures a head sees as another picture, or as a text. */
import { HeadSpace } from "../../methods/decompose/head-space.js";
import { loadClip } from "../../models/clip/load.js";
import { downloadProgress } from "../download-progress.js";
import { headRowsOf } from "../interpret/decomposed.js";
import { openGallery } from "../interpret/gallery.js";
import { parseHead } from "../head-names.js";
import { queryOf, rowsOf, type SearchOptions, showSearch, type Sought, soughtBy } from "../interpret/search.js";
import { refuseToOverwrite } from "../overwrite.js";

export interface RetrieveOptions extends SearchOptions {
  readonly head: readonly string[];
}

/** `kind` where the command says what the query is. Throws `UsageError`, `OutputExistsError`, and what loading and decoding throw. */
export async function runRetrieve(value: string, options: RetrieveOptions, kind?: Sought["kind"]): Promise<void> {
  const { model, combine, batch, out, force } = options;
  const sought = { ...soughtBy(value), ...(kind !== undefined && { kind }) };
  const heads = options.head.map(parseHead);
  if (out !== undefined) refuseToOverwrite(out, force);
  await using clip = await loadClip(model, { ...options, ...downloadProgress() });
  const space = await HeadSpace.of(clip, heads, combine);
  await using gallery = await openGallery(clip, options);
  const query = await queryOf(clip, space, sought, options);
  const rows = await rowsOf(space, headRowsOf(clip, gallery, batch));
  await showSearch({ clip, gallery, sought, heads, query, rows }, options);
}
