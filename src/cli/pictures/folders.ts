/** Folders of pictures, as the files in them. */
import { statSync } from "node:fs";
import { ImageFileMissingError } from "../../engine/media/image-errors.js";
import { noPicturesError } from "../../engine/media/no-pictures.js";
import { pictureFiles } from "../../engine/media/picture-files.js";

/**
 * The pictures that paths name: files as they are, a folder's picture files and those of folders in it, by name. Hidden ones are
 * passed over. Throws `UsageError` for a folder without pictures, `ImageFileMissingError`.
 */
export function picturesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    // Said at once: a name that is wrong is no picture that cannot be read.
    if (found === undefined) throw new ImageFileMissingError(path);
    if (!found.isDirectory()) return [path];
    const files = pictureFiles(path);
    if (files.length > 0) return files;
    throw noPicturesError(path, "name another folder, or the files themselves");
  });
}
