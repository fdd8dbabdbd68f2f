/** The mask as files. */
import { toImageData } from "../../panels/image-data.js";
import type { RgbImage } from "../../panels/library.js";
import { fileName } from "../../panels/exports.js";
import { blackAndWhite } from "./view.js";

/** Black and white, as `vitrine segment` writes it. */
export function saveMask(foreground: Uint8Array, side: number, title: string, model: string): Promise<void> {
  return save(toImageData(blackAndWhite(foreground, side)), fileName(`mask ${title}`, model, "png"));
}

/** The picture with nothing where the mask is not. */
export function saveCutOut(picture: RgbImage, foreground: Uint8Array, title: string, model: string): Promise<void> {
  const pixels = toImageData(picture);
  for (let i = 0; i < foreground.length; i++) if (foreground[i] === 0) pixels.data[4 * i + 3] = 0;
  return save(pixels, fileName(`cut-out ${title}`, model, "png"));
}

async function save(pixels: ImageData, name: string): Promise<void> {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await canvas.convertToBlob({ type: "image/png" }));
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
