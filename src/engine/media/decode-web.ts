/** Decodes pictures with the browser's own decoders, in a page or a worker. */
import { checkByteCount, checkSize, DEFAULT_MAX_PIXELS, readableFormat } from "./image-checks.js";
import { type RgbImage, rgbImage } from "./image.js";
import { ImageAnimatedError, ImageCorruptError, ImageFormatUnsupportedError } from "./image-errors.js";
import { readPngHeader } from "./png-header.js";
import type { ImageFormat } from "./sniff.js";
import { web, type WebFrame } from "./web-decoders.js";

const MIME: Readonly<Record<ImageFormat, string | undefined>> = {
  JPEG: "image/jpeg",
  PNG: "image/png",
  WebP: "image/webp",
  AVIF: "image/avif",
  GIF: "image/gif",
  TIFF: undefined,
};

/**
 * Decodes JPEG, PNG, WebP, AVIF or GIF to 8-bit RGB as `decodeImage` does in Node: orientation applied, alpha dropped without
 * compositing, colour profiles ignored. Lossless formats give the same bytes as there; of lossy ones a browser's decoder may differ
 * by a level. Where the browser lacks `ImageDecoder`, colour under full transparency is lost. Throws VitrineErrors as `decodeImage` does.
 */
export async function decodeImageInBrowser(bytes: Uint8Array<ArrayBuffer>): Promise<RgbImage> {
  const where = "image bytes";
  checkByteCount(where, bytes.length);
  const format = readableFormat(where, bytes);
  const type = MIME[format];
  if (type === undefined)
    throw new ImageFormatUnsupportedError(where, format, "browsers do not read it: convert it to PNG first");
  const png = format === "PNG" ? readPngHeader(bytes) : null;
  if (png) {
    checkSize(where, png.width, png.height, DEFAULT_MAX_PIXELS);
    if (png.frames > 1) throw new ImageAnimatedError(where, `PNG with ${png.frames} frames`);
  }
  try {
    // Photographs say which way is up, which only bitmaps follow; other formats may be transparent, which bitmaps do not survive.
    return format === "JPEG" || web.ImageDecoder === undefined
      ? await throughBitmap(bytes, type)
      : await throughDecoder(bytes, type, format);
  } catch (cause) {
    if (cause instanceof ImageAnimatedError) throw cause;
    throw new ImageCorruptError(where, format, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function throughBitmap(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<RgbImage> {
  const bitmap = await web.createImageBitmap(new Blob([bytes], { type }), { colorSpaceConversion: "none" });
  try {
    const { width, height } = bitmap;
    checkSize("image bytes", width, height, DEFAULT_MAX_PIXELS);
    const context = new web.OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    return withoutAlpha(width, height, context.getImageData(0, 0, width, height).data);
  } finally {
    bitmap.close();
  }
}

async function throughDecoder(bytes: Uint8Array<ArrayBuffer>, type: string, format: ImageFormat): Promise<RgbImage> {
  const decoder = new web.ImageDecoder!({ data: bytes, type, premultiplyAlpha: "none", colorSpaceConversion: "none" });
  let frame: WebFrame | undefined;
  try {
    await decoder.tracks.ready;
    const frames = decoder.tracks.selectedTrack?.frameCount ?? 1;
    if (frames > 1) throw new ImageAnimatedError("image bytes", `${format} with ${frames} frames`);
    frame = (await decoder.decode()).image;
    const { displayWidth: width, displayHeight: height } = frame;
    checkSize("image bytes", width, height, DEFAULT_MAX_PIXELS);
    const pixels = new Uint8Array(width * height * 4);
    await frame.copyTo(pixels, { format: "RGBA" });
    return withoutAlpha(width, height, pixels);
  } finally {
    frame?.close();
    decoder.close();
  }
}

function withoutAlpha(width: number, height: number, rgba: Uint8Array | Uint8ClampedArray): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return rgbImage(width, height, data);
}
