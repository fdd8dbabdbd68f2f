/** IDX files as pictures with labels. */
import { constants } from "node:buffer";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { fitPicture, type PictureShape } from "./fit-picture.js";
import { parseIdx } from "./idx.js";
import { IdxFormatError, IdxLabelsError } from "./idx-errors.js";
import { rgbImage } from "./image.js";
import { packedDigest } from "./packed-digest.js";
import { type PackedPictures, packedRows, type PictureRows } from "./picture-rows.js";
import { readImageFile } from "./read-image-file.js";

export interface IdxOptions extends PictureShape {
  /** At most so many, the first ones. */
  readonly limit?: number;
}

/**
 * Pictures of an IDX file, gzipped or not, in the file's order, and the labels beside it if there are some: of
 * `train-images-idx3-ubyte.gz` those of `train-labels-idx1-ubyte` or `train-labels-idx1-ubyte.gz`.
 *
 * Throws `IdxFormatError`, `IdxSizeError`, `IdxLabelsError`, `ImageFileMissingError`, `ImageNotReadableError`.
 */
export async function openIdx(path: string, { size, channels, limit = Infinity }: IdxOptions): Promise<PictureRows> {
  const { shape, data } = parseIdx(path, await readUnzipped(path), 3);
  const [held, height, width] = shape as [number, number, number];
  if (held * height * width === 0)
    throw new IdxFormatError(path, `${held} pictures of ${width} × ${height}`, "one at least");
  const count = Math.min(limit, held);
  const each = channels * size * size;
  const levels = new Uint8Array(count * each);
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < count; i++) {
    const from = i * width * height;
    for (let k = 0; k < rgb.length; k++) rgb[k] = data[from + Math.floor(k / 3)]!;
    fitPicture(rgbImage(width, height, rgb), { size, channels }, levels.subarray(i * each, (i + 1) * each));
  }
  const labels = (await labelsOf(path, held))?.subarray(0, count);
  const packed = { levels, channels, size, ...(labels !== undefined && labelled(labels)) };
  const description = `${count === held ? "all" : "the first"} ${count} pictures of ${basename(path)}`;
  return packedRows({ ...packed, description, identity: packedDigest(packed) });
}

function labelled(labels: Uint8Array): Required<Pick<PackedPictures, "labels" | "classes">> {
  const classes = Array.from(
    { length: labels.reduce((most, label) => Math.max(most, label), 0) + 1 },
    (_, i) => `${i}`,
  );
  return { labels: Int32Array.from(labels), classes };
}

async function labelsOf(path: string, count: number): Promise<Uint8Array | undefined> {
  const plain = basename(path).replace(/\.gz$/, "").replace("images", "labels").replace("idx3", "idx1");
  if (plain === basename(path).replace(/\.gz$/, "")) return undefined;
  const file = [plain, `${plain}.gz`].map((name) => join(dirname(path), name)).find((name) => existsSync(name));
  if (file === undefined) return undefined;
  const { data } = parseIdx(file, await readUnzipped(file), 1);
  if (data.length !== count) throw new IdxLabelsError(file, data.length, count);
  return data;
}

async function readUnzipped(path: string): Promise<Uint8Array> {
  const bytes = await readImageFile(path, constants.MAX_LENGTH);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    throw new IdxFormatError(path, `a gzip file that does not unpack (${String(cause)})`, "an IDX file", cause);
  }
}
