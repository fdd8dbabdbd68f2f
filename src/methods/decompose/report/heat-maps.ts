/** Pictures of where a text was spoken for and against. */
import { encodePng } from "../../../engine/media/encode.js";
import { overlayHeatmap } from "../../../engine/media/heatmap.js";
import type { RgbImage } from "../../../engine/media/image.js";
import { Markup } from "./markup.js";

/** Lays a map over the picture, blue against and red for, both full at ±`reach`. `tokens` [1+P]: the first, which is no patch, is left out. */
export function heatMap(seen: RgbImage, tokens: Float32Array, reach: number): RgbImage {
  const grid = Math.sqrt(tokens.length - 1);
  return overlayHeatmap(seen, tokens.subarray(1), grid, grid, { map: "blue-red", range: { min: -reach, max: reach } });
}

/** The picture as the address of an `<img>`. */
export async function dataAddress(image: RgbImage): Promise<Markup> {
  return new Markup(`data:image/png;base64,${Buffer.from(await encodePng(image)).toString("base64")}`);
}
