import type { RgbImage } from "../../engine/media/image.js";

/**
 * The picture in the middle of a square of the mean colour, as LLaVA prepares it: `mean` is that of the normalisation, from 0 to 1.
 * A picture that is square is returned as it is.
 */
export function padToSquare(image: RgbImage, mean: readonly [number, number, number]): RgbImage {
  const { width, height, data } = image;
  if (width === height) return image;
  const side = Math.max(width, height);
  const [left, top] = [Math.floor((side - width) / 2), Math.floor((side - height) / 2)];
  const colour = mean.map((value) => Math.trunc(value * 255));
  const square = new Uint8Array(side * side * 3);
  for (let i = 0; i < square.length; i++) square[i] = colour[i % 3]!;
  for (let y = 0; y < height; y++) {
    square.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((y + top) * side + left) * 3);
  }
  return { width: side, height: side, data: square };
}
