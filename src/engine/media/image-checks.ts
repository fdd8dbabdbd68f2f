/** What is checked of a picture before any pixel is decoded, wherever that is done. */
import {
  ImageFileEmptyError,
  ImageFileTooLargeError,
  ImageFormatUnsupportedError,
  ImageTooManyPixelsError,
  ImageWithoutPixelsError,
  NotAnImageError,
} from "./image-errors.js";
import { type ImageFormat, sniff } from "./sniff.js";

/** Width · height. */
export const DEFAULT_MAX_PIXELS = 64_000_000;
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Throws ImageFileEmptyError or ImageFileTooLargeError. */
export function checkByteCount(where: string, bytes: number, maxBytes = MAX_FILE_BYTES): void {
  if (bytes === 0) throw new ImageFileEmptyError(where);
  if (bytes > maxBytes) throw new ImageFileTooLargeError(where, bytes, maxBytes);
}

/** Throws NotAnImageError or ImageFormatUnsupportedError. */
export function readableFormat(where: string, bytes: Uint8Array): ImageFormat {
  const sniffed = sniff(bytes);
  if (sniffed.kind === "readable") return sniffed.format;
  if (sniffed.kind === "foreign") throw new NotAnImageError(where, sniffed.looksLike);
  throw new ImageFormatUnsupportedError(where, sniffed.looksLike, sniffed.fix);
}

/** Throws ImageWithoutPixelsError or ImageTooManyPixelsError. */
export function checkSize(where: string, width: number, height: number, maxPixels: number): void {
  if (width < 1 || height < 1) throw new ImageWithoutPixelsError(where, width, height);
  if (width * height > maxPixels) throw new ImageTooManyPixelsError(where, width, height, maxPixels);
}
