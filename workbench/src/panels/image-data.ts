/** RGB bytes and what a browser draws. */
import { type RgbImage, rgbImage } from "./library.js";

export function toImageData({ width, height, data }: RgbImage): ImageData {
  const out = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    out.data[to] = data[from]!;
    out.data[to + 1] = data[from + 1]!;
    out.data[to + 2] = data[from + 2]!;
    out.data[to + 3] = 255;
  }
  return out;
}

/** Alpha is dropped. */
export function fromImageData({ width, height, data }: ImageData): RgbImage {
  const out = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
    out[to] = data[from]!;
    out[to + 1] = data[from + 1]!;
    out[to + 2] = data[from + 2]!;
  }
  return rgbImage(width, height, out);
}

/** Transparent parts are laid on white. */
export function fromBitmap(bitmap: ImageBitmap): RgbImage {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  return fromImageData(context.getImageData(0, 0, bitmap.width, bitmap.height));
}

/** Gives a canvas the picture's size in pixels; CSS scales it (see `scaling`). */
export function paintPicture(canvas: HTMLCanvasElement, picture: RgbImage): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d")!.putImageData(toImageData(picture), 0, 0);
}

/** How CSS should scale a picture to a width: enlarged pixels stay squares, since blurring would invent detail. */
export const scaling = (pictureWidth: number, shownWidth: number): "pixelated" | "auto" =>
  shownWidth > pictureWidth ? "pixelated" : "auto";

/** As the address of a PNG, to be put into an SVG. */
export function pngUrl(picture: RgbImage): string {
  const canvas = document.createElement("canvas");
  paintPicture(canvas, picture);
  return canvas.toDataURL("image/png");
}
