import type { RgbImage } from "./image.js";
import { loadSharp } from "./sharp.js";

/** Encodes as an 8-bit RGB PNG without metadata; the same image gives the same bytes. */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const png = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  const bytes = await png.png({ compressionLevel: 6, adaptiveFiltering: true, palette: false }).toBuffer();
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
