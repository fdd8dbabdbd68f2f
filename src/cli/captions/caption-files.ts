/** What `vitrine caption --out` writes: the caption as data, and a map of each word on the picture. */
import { join } from "node:path";
import { encodePng } from "../../engine/media/encode.js";
import { overlayHeatmap } from "../../engine/media/heatmap.js";
import type { RgbImage } from "../../engine/media/image.js";
import { resize } from "../../engine/media/resize.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { type Field, mapOnPicture } from "../../methods/captions/picture-map.js";

export const CAPTION = "caption.json";
/** Small pictures are drawn larger, so that their maps can be seen. */
const LEAST_SIDE = 448;

export interface CaptionFilesInput {
  readonly picture: RgbImage;
  readonly field: Field;
  /** Words with what is drawn of each: [g·g], by patch. */
  readonly maps: readonly { readonly word: string; readonly map: Float32Array }[];
  readonly document: object;
}

/** Returns the names of the files. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeCaptionFiles(folder: string, input: CaptionFilesInput): Promise<string[]> {
  const { picture, field, maps, document } = input;
  await makeFolder(folder);
  const names: string[] = [];
  const scale = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(picture.width, picture.height)));
  const [width, height] = [picture.width * scale, picture.height * scale];
  const drawn = scale === 1 ? picture : resize(picture, width, height, "nearest");
  const seen = {
    left: field.left * scale,
    top: field.top * scale,
    width: field.width * scale,
    height: field.height * scale,
  };
  for (const { word, map } of maps) {
    const name = `map-${word.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`;
    const heat = mapOnPicture(map, { width, height }, seen);
    // One scale for all words: what the model hardly believes stays dark.
    const overlay = overlayHeatmap(drawn, heat, height, width, { map: "inferno", range: { min: 0, max: 1 } });
    await writeWhole(join(folder, name), await encodePng(overlay));
    names.push(name);
  }
  await writeWhole(join(folder, CAPTION), `${JSON.stringify({ ...document, files: [CAPTION, ...names] }, null, 1)}\n`);
  return [CAPTION, ...names].map((name) => join(folder, name));
}
