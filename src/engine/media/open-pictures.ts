/** Pictures to train on, wherever they are: `--data FOLDER` or `--data FILE`. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UsageError } from "../errors.js";
import { ImageFileMissingError } from "./image-errors.js";
import { openIdx } from "./open-idx.js";
import { type FolderOptions, openPictureFolder } from "./open-picture-folder.js";
import { pictureFiles } from "./picture-files.js";
import type { PictureRows } from "./picture-rows.js";

const IDX_PICTURES = /images[.-]idx3-ubyte(?:\.gz)?$/;

/**
 * Opens a folder of pictures ({@link openPictureFolder}), an IDX file ({@link openIdx}), or a folder that has IDX files in place of
 * pictures, as MNIST's has: its training pictures where there are several.
 *
 * Throws what those throw, and `UsageError` for a folder in which several IDX files, or IDX files and pictures, have equal claim.
 */
export async function openPictures(path: string, options: FolderOptions): Promise<PictureRows> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new ImageFileMissingError(path);
  if (!found.isDirectory()) return openIdx(path, options);
  const file = idxIn(path);
  if (file === undefined) return openPictureFolder(path, options);
  const [picture] = pictureFiles(path);
  if (picture !== undefined) {
    throw new UsageError({
      what: "both pictures and IDX files are in this folder",
      where: path,
      got: `${basename(picture)} and ${basename(file)}`,
      fix: "name the IDX file, or move one kind away",
    });
  }
  return openIdx(file, options);
}

function idxIn(folder: string): string | undefined {
  const all = readdirSync(folder)
    .filter((name) => IDX_PICTURES.test(name))
    .sort();
  // Often both are there: what was fetched, and what was unpacked.
  const files = all.filter((name) => !name.endsWith(".gz") || !all.includes(name.slice(0, -3)));
  const training = files.filter((name) => name.includes("train"));
  const [file, ...others] = training.length > 0 ? training : files;
  if (others.length > 0) {
    const fix = "name one of the files";
    throw new UsageError({
      what: "several IDX files of pictures",
      where: folder,
      got: [file, ...others].join(", "),
      fix,
    });
  }
  return file === undefined ? undefined : join(folder, file);
}
