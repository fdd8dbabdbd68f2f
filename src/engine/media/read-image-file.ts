import { readFile, stat } from "node:fs/promises";
import { ImageFileMissingError, ImageIsDirectoryError, ImageNotReadableError } from "./image-errors.js";
import { checkByteCount } from "./image-checks.js";

/**
 * Reads a whole file; its size is checked before a byte is read, against the most that an image may have unless told otherwise.
 * Throws the errors imported above.
 */
export async function readImageFile(path: string, maxBytes?: number): Promise<Uint8Array> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw new ImageIsDirectoryError(path);
    // Reading a pipe or a device could block for ever.
    if (!info.isFile()) throw new ImageNotReadableError(path, "a pipe, socket or device");
    checkByteCount(path, info.size, maxBytes);
    return await readFile(path);
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return new ImageFileMissingError(path, error);
  return new ImageNotReadableError(path, String(error.code), error);
}
