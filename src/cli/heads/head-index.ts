/** An index over pictures: one row of head coordinates for each, in a file that a run which was ended goes on with. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { makeFolder } from "../../engine/weights/atomic-file.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import { RowLog } from "../../engine/weights/row-log.js";
import { type HeadRowLayout, headRows } from "../../methods/decompose/head-rows.js";
import type { Clip } from "../../models/clip/clip.js";
import type { PixelSource } from "../decompose/sources.js";
import { onEndingSignal } from "../ending-signals.js";
import { OutputExistsError } from "../errors.js";
import { refuseSkipped, type Skipped, usableBatches } from "../pictures/usable-batches.js";
import { countProgress } from "../progress.js";

export const INDEX = "heads.safetensors";
const TENSOR = "rows";

export interface IndexOptions {
  /** Where the index is kept; by default in a temporary folder, until it is disposed of. */
  readonly out: string | undefined;
  readonly batch: number;
  /** Stops at the first picture that cannot be read, instead of leaving it out. */
  readonly strict: boolean;
  /** Drops an index of other pictures or another model that stands there. */
  readonly force: boolean;
}

/** Rows of the pictures that could be read. */
export interface HeadIndex extends AsyncDisposable {
  readonly layout: HeadRowLayout;
  /** Of all pictures of the set. */
  readonly names: readonly string[];
  readonly skipped: readonly Skipped[];
  /** Pictures that an earlier run had read already. */
  readonly resumed: number;
  /** The file, if it is kept. */
  readonly path: string | undefined;
  /** Goes through all rows, some hundreds at a time. */
  batches(): AsyncGenerator<{ readonly indices: readonly number[]; readonly rows: Float32Array }>;
}

/** Throws `OutputExistsError`, `UsageError` when no picture can be read or, if `strict`, one cannot; what reading throws. */
export async function indexPictures(
  clip: Clip,
  source: PixelSource,
  layout: HeadRowLayout,
  options: IndexOptions,
): Promise<HeadIndex> {
  const { out, force } = options;
  const folder = out ?? mkdtempSync(join(tmpdir(), "vitrine-heads-"));
  const remove = (): void => {
    if (out === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const stopListening = onEndingSignal(remove);
  const tidy = (): void => {
    stopListening();
    remove();
  };
  try {
    if (out !== undefined) await makeFolder(out);
    const path = join(folder, INDEX);
    const metadata = metadataOf(clip, source.names, layout);
    const whole = existsSync(path) && !force ? await sameIndex(path, metadata) : false;
    const skipped: Skipped[] = [];
    const resumed = whole ? source.names.length : await fill(clip, source, layout, path, metadata, skipped, options);
    const stored = (await openCheckpoint(path)).get(TENSOR);
    const index = {
      layout,
      names: source.names,
      skipped,
      resumed,
      path: out === undefined ? undefined : path,
      batches: () => rowsOf((rows, into) => readStored(stored, { rows, into }).data, source.names.length, layout),
      [Symbol.asyncDispose]: () => {
        tidy();
        return Promise.resolve();
      },
    };
    if (resumed > 0) await noteEarlier(index, skipped);
    if (skipped.length === source.names.length) refuseAll(skipped);
    return index;
  } catch (error) {
    tidy();
    throw error;
  }
}

/** Makes the rows that are not there yet; returns how many were. */
async function fill(
  clip: Clip,
  source: PixelSource,
  layout: HeadRowLayout,
  path: string,
  metadata: Readonly<Record<string, string>>,
  skipped: Skipped[],
  { batch, strict, force }: IndexOptions,
): Promise<number> {
  const { length } = source.names;
  await using log = await RowLog.open(path, { name: TENSOR, shape: [length, layout.width], metadata, restart: force });
  const from = log.rows;
  const progress = countProgress(length, "pictures");
  const skip = (one: Skipped): void => {
    if (strict) {
      progress.clear();
      refuseSkipped(one);
    }
    skipped.push(one);
  };
  for await (const { start, end, usable, pixels } of usableBatches(source, { from, size: batch, skip })) {
    const rows = new Float32Array((end - start) * layout.width).fill(NaN);
    if (pixels !== undefined) {
      const { data } = await headRows(clip, pixels, layout, { batch });
      for (const [i, index] of usable.entries()) {
        rows.set(data.subarray(i * layout.width, (i + 1) * layout.width), (index - start) * layout.width);
      }
    }
    await log.append(rows);
    progress.update(end);
  }
  progress.clear();
  await log.finish();
  return from;
}

const ROWS_AT_ONCE = 256;

/** Leaves out rows of pictures that could not be read, which are not numbers. All batches lie in the same memory, one after another. */
async function* rowsOf(
  read: (rows: readonly [start: number, end: number], into: Float32Array) => Float32Array,
  count: number,
  { width }: HeadRowLayout,
): AsyncGenerator<{ readonly indices: readonly number[]; readonly rows: Float32Array }> {
  const memory = new Float32Array(ROWS_AT_ONCE * width);
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const rows = read([start, Math.min(start + ROWS_AT_ONCE, count)], memory);
    const indices: number[] = [];
    for (let row = 0; row < rows.length / width; row++) {
      if (Number.isNaN(rows[row * width]!)) continue;
      if (indices.length < row) rows.copyWithin(indices.length * width, row * width, (row + 1) * width);
      indices.push(start + row);
    }
    yield { indices, rows: rows.subarray(0, indices.length * width) };
    await Promise.resolve();
  }
}

/** Adds pictures that an earlier run could not read to the list. */
async function noteEarlier(index: HeadIndex, skipped: Skipped[]): Promise<void> {
  const usable = new Uint8Array(index.names.length);
  for await (const { indices } of index.batches()) for (const i of indices) usable[i] = 1;
  const known = new Set(skipped.map((one) => one.index));
  for (const [i, name] of index.names.entries()) {
    if (usable[i] === 0 && !known.has(i))
      skipped.push({ index: i, name, reason: "could not be read by an earlier run" });
  }
  skipped.sort((a, b) => a.index - b.index);
}

function refuseAll(skipped: readonly Skipped[]): never {
  const [{ name, reason }] = skipped as readonly [Skipped];
  throw new UsageError({ what: "no picture can be read", where: name, got: reason, fix: "give pictures that can" });
}

/** What makes two runs one: the model, its input, the pictures and the layers. */
function metadataOf(clip: Clip, names: readonly string[], { layers }: HeadRowLayout): Record<string, string> {
  const { ref, source, preprocessing, vision } = clip.parts;
  return {
    method: "head-rows",
    model: ref,
    files: JSON.stringify(source.files.map(({ path, size }) => [basename(path), size])),
    layers: JSON.stringify(layers),
    input: JSON.stringify({ imageSize: vision.imageSize, ...preprocessing }),
    images: createHash("sha256").update(JSON.stringify(names)).digest("hex"),
  };
}

/** Whether a whole index is that of this run. Throws {@link OutputExistsError} for another one. */
async function sameIndex(path: string, metadata: Readonly<Record<string, string>>): Promise<boolean> {
  const found = (await openCheckpoint(path)).metadata;
  if (Object.entries(metadata).every(([key, value]) => found[key] === value)) return true;
  throw new OutputExistsError({
    what: "the index of another model, or of other pictures or layers, stands there",
    where: path,
    fix: "choose another --out, or pass --force to overwrite it",
  });
}
