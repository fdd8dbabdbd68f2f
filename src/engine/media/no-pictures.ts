import { UsageError } from "../errors.js";
import { PICTURE_EXTENSIONS } from "./picture-files.js";

export function noPicturesError(folder: string, fix: string): UsageError {
  return new UsageError({
    what: "no pictures in this folder",
    where: folder,
    expected: `files that end in ${PICTURE_EXTENSIONS.slice(0, -1).join(", ")} or ${PICTURE_EXTENSIONS.at(-1)!}`,
    fix,
  });
}
