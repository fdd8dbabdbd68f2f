/** Pictures of any size and colour as samples of the kind that a model is trained on. */
import { centerCrop, resizeShorterSide } from "./crop.js";
import type { RgbImage } from "./image.js";

/** How pictures are to be. */
export interface PictureShape {
  /** Side, in pixels. */
  readonly size: number;
  readonly channels: 1 | 3;
}

/**
 * Writes a picture's [channels, size, size] samples to `out`: the shorter side is resized to `size` (Pillow's bilinear
 * filter), the middle is kept, and one channel is Pillow's "L".
 */
export function fitPicture(picture: RgbImage, { size, channels }: PictureShape, out: Uint8Array): void {
  const fitting = picture.width === size && picture.height === size;
  const { data } = fitting ? picture : centerCrop(resizeShorterSide(picture, size, "bilinear"), size);
  const plane = size * size;
  for (let i = 0; i < plane; i++) {
    const [red, green, blue] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
    if (channels === 1) out[i] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    else {
      out[i] = red;
      out[plane + i] = green;
      out[2 * plane + i] = blue;
    }
  }
}
