/** Masks of pictures, brought to where a model's maps are. */
import { UsageError } from "../../engine/errors.js";
import { resizeExact } from "../../engine/media/crop.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { ClipParts } from "../../models/clip/clip.js";
import { fitImage } from "../../models/clip/preprocess.js";

/**
 * `"aligned"`: the mask is resized and cropped just as the picture was. `"reference"`: the whole mask is squashed to the
 * model's size while the picture was cropped, as the public implementation has it; the two then lie beside each other in
 * every picture that is not square. Published figures were made so.
 */
export type Alignment = "aligned" | "reference";

/**
 * A mask as a picture, black where background is and of one other colour where foreground is, as labels [S,S] of the
 * model's pixels: 1 for foreground. Throws `UsageError` for a picture of further colours, `where` being its name.
 */
export function alignMask(
  mask: RgbImage,
  { vision, preprocessing }: Pick<ClipParts, "vision" | "preprocessing">,
  alignment: Alignment,
  where: string,
): Uint8Array {
  checkMask(mask, where);
  const size = vision.imageSize;
  const { data } =
    alignment === "reference"
      ? resizeExact(mask, size, size, "nearest")
      : fitImage(mask, size, { ...preprocessing, filter: "nearest" });
  return Uint8Array.from({ length: size * size }, (_, i) => Number(colourAt(data, i) !== 0));
}

function checkMask({ data, width }: RgbImage, where: string): void {
  let foreground = 0;
  for (let i = 0; i < data.length / 3; i++) {
    const colour = colourAt(data, i);
    if (foreground === 0) foreground = colour;
    if (colour === 0 || colour === foreground) continue;
    throw new UsageError({
      what: "not a mask",
      where,
      got: `colours ${hex(foreground)} and ${hex(colour)} at column ${i % width}, row ${Math.floor(i / width)}`,
      expected: "black for background, and one other colour",
      fix: "save it with two colours, in a format without losses such as PNG",
    });
  }
}

const colourAt = (data: Uint8Array, pixel: number): number =>
  (data[pixel * 3]! << 16) | (data[pixel * 3 + 1]! << 8) | data[pixel * 3 + 2]!;

const hex = (colour: number): string => `#${colour.toString(16).padStart(6, "0")}`;
