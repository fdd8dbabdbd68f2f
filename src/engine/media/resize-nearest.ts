/** Pillow's nearest-neighbour resize, for pictures whose levels are labels: nothing is mixed. */
import { type RgbImage, rgbImage } from "./image.js";

/** Equals Pillow's `image.resize((width, height), Image.NEAREST)`. Sizes are whole numbers from 1. */
export function resizeNearest(image: RgbImage, width: number, height: number): RgbImage {
  const columns = nearestPositions(image.width, width);
  const rows = nearestPositions(image.height, height);
  const out = new Uint8Array(width * height * 3);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * 3;
      out[at++] = image.data[from]!;
      out[at++] = image.data[from + 1]!;
      out[at++] = image.data[from + 2]!;
    }
  }
  return rgbImage(width, height, out);
}

/** The source position under each output position's centre. Pillow adds up steps, and where their rounding shows, so must this. */
function nearestPositions(from: number, to: number): Int32Array {
  const step = from / to;
  const positions = new Int32Array(to);
  let position = step / 2;
  for (let i = 0; i < to; i++) {
    positions[i] = Math.min(from - 1, Math.floor(position));
    position += step;
  }
  return positions;
}
