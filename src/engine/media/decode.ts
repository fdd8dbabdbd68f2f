import type { Metadata, SharpOptions } from "sharp";
import { UsageError } from "../errors.js";
import { withoutFirstFrameTransparency } from "./gif-transparency.js";
import { checkByteCount, checkSize, DEFAULT_MAX_PIXELS, readableFormat } from "./image-checks.js";
import { type RgbImage, rgbImage } from "./image.js";
import {
  ImageAnimatedError,
  ImageCmykError,
  ImageCorruptError,
  ImageFormatUnsupportedError,
  ImageFrameOutOfRangeError,
} from "./image-errors.js";
import { type PngHeader, readPngHeader } from "./png-header.js";
import { readImageFile } from "./read-image-file.js";
import { loadSharp } from "./sharp.js";
import type { ImageFormat } from "./sniff.js";

export interface DecodeOptions {
  /** Which frame or page, from 0. Needed only where there are several. */
  readonly frame?: number;
  /** Most pixels (width · height) that are decoded; 64 million unless told. */
  readonly maxPixels?: number;
}

const READABLE_SPACES = new Set(["srgb", "rgb", "b-w", "rgb16", "grey16"]);

/** Bytes of one readable format with what messages and the decoder need to know of them. */
interface Source {
  readonly where: string;
  readonly format: ImageFormat;
  readonly bytes: Uint8Array;
  readonly options: SharpOptions;
}

/**
 * Decodes JPEG, PNG, WebP, AVIF, GIF or TIFF to 8-bit RGB as Pillow's `ImageOps.exif_transpose(Image.open(p)).convert("RGB")`
 * does: orientation applied, grey replicated, alpha dropped without compositing, colour profiles ignored. 16-bit samples
 * keep their high byte. Sizes are checked in the header, before any pixel is decoded.
 *
 * Throws a VitrineError with one code per cause (`image-*`, `not-an-image`); UsageError for an unusable option.
 */
export async function decodeImage(input: string | Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  const { frame, maxPixels = DEFAULT_MAX_PIXELS } = options;
  checkOptions(frame, maxPixels);
  const where = typeof input === "string" ? input : "image bytes";
  const bytes = typeof input === "string" ? await readImageFile(input) : input;
  checkByteCount(where, bytes.length);
  const format = readableFormat(where, bytes);
  const shared = { failOn: "error", ignoreIcc: true, limitInputPixels: false } as const;
  const source: Source = { where, format, bytes, options: shared };

  const png = format === "PNG" ? readPngHeader(bytes) : null;
  if (png) checkSize(where, png.width, png.height, maxPixels);
  const first = await readHeader(source);
  const frames = png?.frames ?? first.pages ?? 1;
  checkFrame(source, frame, frames, png);
  const page = first.pages === undefined ? {} : { page: frame ?? 0, pages: 1 };
  const chosen: Source = { ...source, options: { ...shared, ...page } };
  const header = frame === undefined || frame === 0 ? first : await readHeader(chosen);
  checkSize(where, header.width, header.height, maxPixels);
  checkColour(where, format, header);
  const opaque = format === "GIF" && (frame ?? 0) === 0 ? withoutFirstFrameTransparency(bytes) : bytes;
  return decodePixels({ ...chosen, bytes: opaque });
}

function checkOptions(frame: number | undefined, maxPixels: number): void {
  if (frame !== undefined && (!Number.isSafeInteger(frame) || frame < 0)) {
    throw new UsageError({ what: "unusable frame", got: String(frame), expected: "a whole number from 0" });
  }
  if (!Number.isSafeInteger(maxPixels) || maxPixels < 1) {
    throw new UsageError({ what: "unusable maxPixels", got: String(maxPixels), expected: "a whole number from 1" });
  }
}

async function readHeader(source: Source): Promise<Metadata> {
  const sharp = await loadSharp();
  try {
    return await sharp(source.bytes, source.options).metadata();
  } catch (cause) {
    throw corrupt(source, cause);
  }
}

function checkFrame({ where, format }: Source, frame: number | undefined, frames: number, png: PngHeader | null): void {
  const unit = format === "TIFF" ? "pages" : "frames";
  if (frame === undefined && frames > 1) throw new ImageAnimatedError(where, `${format} with ${frames} ${unit}`);
  if (frame !== undefined && frame >= frames) throw new ImageFrameOutOfRangeError(where, frame, frames);
  if (frame !== undefined && frame > 0 && png) {
    const fix = "pass --frame 0, or save it as GIF or animated WebP first";
    throw new ImageFormatUnsupportedError(where, `frame ${frame} of an animated PNG`, fix);
  }
}

function checkColour(where: string, format: ImageFormat, { space, depth }: Metadata): void {
  if (space === "cmyk") throw new ImageCmykError(where);
  if (!READABLE_SPACES.has(space) || (depth !== "uchar" && depth !== "ushort")) {
    const got = `${format} with ${depth} samples in colour space ${space}`;
    throw new ImageFormatUnsupportedError(where, got, "convert it to 8-bit RGB first");
  }
}

async function decodePixels(source: Source): Promise<RgbImage> {
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(source.bytes, { ...source.options, autoOrient: true })
      .removeAlpha()
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return rgbImage(info.width, info.height, new Uint8Array(data.buffer, data.byteOffset, data.length));
  } catch (cause) {
    throw corrupt(source, cause);
  }
}

function corrupt({ where, format }: Source, cause: unknown): ImageCorruptError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImageCorruptError(where, format, reason.trim().replace(/[\s:]+$/, ""), cause);
}
