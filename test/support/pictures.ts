/** Pictures for tests. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "../../src/engine/media/encode.js";
import { type RgbImage, rgbImage } from "../../src/engine/media/image.js";
import { Random } from "../../src/engine/tensor/random.js";

/** A colour gradient with some noise; the seed decides its colours and its sizes, from 40 to 120 pixels. */
export function randomPicture(seed: number): RgbImage {
  const random = new Random(seed);
  const [width, height] = [40 + random.below(80), 40 + random.below(80)];
  const base = [random.below(200), random.below(200), random.below(200)];
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => base[i % 3]! + ((i / 3) % width) * 0.4 + random.below(12),
  );
  return rgbImage(width, height, data);
}

/** Writes `count` different PNGs and returns their paths. */
export async function writePictures(folder: string, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, i) => join(folder, `picture ${i}.png`));
  for (const [i, path] of paths.entries()) await writeFile(path, await encodePng(randomPicture(i)));
  return paths;
}
