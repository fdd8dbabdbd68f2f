/** Folders of pictures, as the files in them. */
import { readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { ImageFileMissingError } from "../../engine/media/image-errors.js";

const EXTENSIONS = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"];

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
    const files = filesIn(path);
    if (files.length > 0) return files;
    throw new UsageError({
      what: "no pictures in this folder",
      where: path,
      expected: `files that end in ${EXTENSIONS.slice(0, -1).join(", ")} or ${EXTENSIONS.at(-1)!}`,
      fix: "name another folder, or the files themselves",
    });
  });
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return EXTENSIONS.includes(extname(entry.name).toLowerCase()) ? [path] : [];
  });
}
