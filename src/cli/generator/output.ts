/** What generators' results are written as: pages of pictures, or tensors. */
import { extname } from "node:path";
import { colourise } from "../../engine/media/colour-maps.js";
import { encodePng } from "../../engine/media/encode.js";
import { type RgbImage, rgbImage } from "../../engine/media/image.js";
import { resizeNearest } from "../../engine/media/resize-nearest.js";
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { contactSheet } from "../../worlds/contact-sheet.js";
import { refuseToOverwrite } from "../overwrite.js";

/** Throws {@link UsageError} for a kind of file that is not written, and `OutputExistsError`. */
export function checkOutputs(outs: readonly string[], force: true | undefined): void {
  for (const out of outs) {
    if (![".png", ".safetensors"].includes(extname(out).toLowerCase())) {
      throw new UsageError({
        what: "no such kind of output",
        where: "--out",
        got: out,
        expected: "a name that ends in .png for a page of pictures, or in .safetensors for tensors",
      });
    }
    refuseToOverwrite(out, force);
  }
}

export interface Output {
  /** Row by row. */
  readonly pictures: readonly RgbImage[];
  readonly columns: number;
  readonly tensors: Readonly<Record<string, FloatTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeOutputs(outs: readonly string[], output: Output): Promise<void> {
  for (const out of outs) {
    if (extname(out).toLowerCase() === ".png") {
      const { image } = contactSheet(output.pictures.map(enlarged), { columns: output.columns });
      await writeWhole(out, await encodePng(image));
    } else {
      const tensors = Object.entries(output.tensors).map(([name, { shape, data }]) => {
        return { name, dtype: "F32" as const, shape, data };
      });
      await writeSafetensors(out, tensors, output.metadata);
    }
  }
}

/** Small pictures grow until their pixels can be seen. */
const SEEN_SIDE = 96;

function enlarged(picture: RgbImage): RgbImage {
  const times = Math.max(1, Math.round(SEEN_SIDE / picture.width));
  return resizeNearest(picture, picture.width * times, picture.height * times);
}

/** Drift maps [B,S,S] as pictures: black where nothing moves, bright where a pixel moves by half of the whole range. */
export function driftPictures({ data, shape }: FloatTensor): RgbImage[] {
  const [count, height, width] = shape as [number, number, number];
  const area = height * width;
  return Array.from({ length: count }, (_, i) => {
    const map = data.subarray(i * area, (i + 1) * area);
    return rgbImage(width, height, colourise(map, "inferno", { min: 0, max: 1 }));
  });
}
