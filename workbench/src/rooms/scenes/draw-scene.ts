import { renderScene, type Scene } from "vitrine/scenes";
import type { Drawing } from "../../panels/drawing.js";
import type { RgbImage } from "../../panels/library.js";

const SIDE = 480;

/** The scene as a figure, for export; `url` gives a picture as the address of a PNG. */
export function drawScene(scene: Scene, url: (picture: RgbImage) => string): Drawing {
  const body = `<image width="${SIDE}" height="${SIDE}" href="${url(renderScene(scene, 2 * SIDE))}"/>`;
  return { width: SIDE, height: SIDE, body };
}
