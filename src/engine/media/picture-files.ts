/** The files of pictures in a folder. */
import { readdirSync } from "node:fs";
import { extname, join } from "node:path";

export const PICTURE_EXTENSIONS = [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"] as const;

/** Those in the folder and in folders in it, by name; hidden ones are passed over. */
export function pictureFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pictureFiles(path);
    return isPictureName(entry.name) ? [path] : [];
  });
}

function isPictureName(name: string): boolean {
  return (PICTURE_EXTENSIONS as readonly string[]).includes(extname(name).toLowerCase());
}
