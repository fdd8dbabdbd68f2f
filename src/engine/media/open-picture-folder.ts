/** A folder of pictures as rows, with its sub-folders as classes. */
import { constants } from "node:buffer";
import { basename, relative, resolve, sep } from "node:path";
import { UsageError, VitrineError } from "../errors.js";
import { decodeImage } from "./decode.js";
import { fitPicture, type PictureShape } from "./fit-picture.js";
import { ImageCodecMissingError } from "./image-errors.js";
import { noPicturesError } from "./no-pictures.js";
import { packedDigest } from "./packed-digest.js";
import { pictureFiles } from "./picture-files.js";
import { type PackedPictures, packedRows, type PictureRows } from "./picture-rows.js";

export interface FolderOptions extends PictureShape {
  /** At most so many files, evenly from all of them. */
  readonly limit?: number;
  /** Called for each file that cannot be read, in order; it is left out. Without it, the first such file is an error. */
  readonly onSkip?: (file: string, error: VitrineError) => void;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Decoded at a time: enough for the decoder's own threads. */
const TOGETHER = 16;

/**
 * All pictures of a folder and of the folders in it, by name, decoded once and held in memory. When each lies in a
 * folder of its own within the folder, as `cats/1.png` and `dogs/2.png` do, those folders are the classes.
 *
 * Throws `UsageError` for a folder without pictures that can be read and for more than memory can hold, and without `onSkip` what
 * decoding throws.
 */
export async function openPictureFolder(folder: string, options: FolderOptions): Promise<PictureRows> {
  const { size, channels, onSkip, onProgress } = options;
  const files = chosenFiles(folder, options);
  const each = channels * size * size;
  const levels = new Uint8Array(files.length * each);
  const read: string[] = [];
  for (let first = 0; first < files.length; first += TOGETHER) {
    const decoded = await Promise.all(files.slice(first, first + TOGETHER).map(decodeOrError));
    decoded.forEach((picture, i) => {
      const file = files[first + i]!;
      if (picture instanceof VitrineError) {
        if (onSkip === undefined) throw picture;
        onSkip(file, picture);
        return;
      }
      fitPicture(picture, options, levels.subarray(read.length * each, (read.length + 1) * each));
      read.push(file);
    });
    onProgress?.(Math.min(files.length, first + TOGETHER), files.length);
  }
  if (read.length === 0) throw noPicturesError(folder, `none of its ${files.length} files could be read`);
  const packed = { size, channels, levels: levels.subarray(0, read.length * each), ...classesOf(folder, read) };
  const description = `${read.length} pictures of the folder ${basename(resolve(folder))}`;
  return packedRows({ ...packed, description, identity: packedDigest(packed) });
}

function chosenFiles(folder: string, { size, channels, limit = Infinity }: FolderOptions): readonly string[] {
  const all = pictureFiles(folder);
  if (all.length === 0) throw noPicturesError(folder, "name another folder");
  const count = Math.min(limit, all.length);
  const most = Math.floor(constants.MAX_LENGTH / (channels * size * size));
  if (count > most) {
    throw new UsageError({
      what: "more pictures than memory can hold",
      where: folder,
      got: `${count} of ${size} × ${size}`,
      expected: `at most ${most}`,
      fix: "take fewer of them",
    });
  }
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}

async function decodeOrError(file: string): Promise<Awaited<ReturnType<typeof decodeImage>> | VitrineError> {
  try {
    return await decodeImage(file);
  } catch (error) {
    // Without its decoder, no picture can be read.
    if (error instanceof VitrineError && !(error instanceof ImageCodecMissingError)) return error;
    throw error;
  }
}

function classesOf(folder: string, files: readonly string[]): Pick<PackedPictures, "classes" | "labels"> {
  const names = files.map((file) => {
    const [first, ...rest] = relative(folder, file).split(sep);
    return rest.length === 0 ? undefined : first!;
  });
  if (names.some((name) => name === undefined)) return {};
  const classes = [...new Set(names as string[])];
  const places = new Map(classes.map((name, place) => [name, place]));
  return { classes, labels: Int32Array.from(names as string[], (name) => places.get(name)!) };
}
