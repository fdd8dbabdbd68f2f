/** Maps over pictures, for export: pictures as PNG, patches' outlines, names and legend as vectors. */
import type { ColourScale } from "./colour.js";
import { type Drawing, LEGEND, legendMarks } from "./drawing.js";
import type { GridSize } from "./grid-cursor.js";
import { contourPath, type HeatDisplay, heated, overlayColours, type PatchMapItem } from "./heat-overlay.js";
import { escaped, type RgbImage } from "./library.js";

export interface PatchMapsFigure extends GridSize {
  /** `title` may be empty where there is one map only. */
  readonly maps: readonly PatchMapItem[];
  readonly valueName: string;
  readonly scale: ColourScale;
  readonly display: HeatDisplay;
}

const ONE = 360;
const MANY = 132;
const GAP = 14;
const ACROSS = 6;

/** `url` gives a picture as the address of a PNG. */
export function drawPatchMaps(figure: PatchMapsFigure, url: (picture: RgbImage) => string): Drawing {
  const { maps, rows, columns, valueName, scale, display } = figure;
  const side = maps.length === 1 ? ONE : MANY;
  const across = Math.min(ACROSS, maps.length);
  const name = maps.some(({ title }) => title !== "") ? 20 : 0;
  const high = Math.max(...maps.map(({ picture }) => (side * picture.height) / picture.width));
  const marks = maps.map(({ title, picture, values }, i) => {
    const height = (side * picture.height) / picture.width;
    const at = `translate(${(i % across) * (side + GAP)} ${Math.floor(i / across) * (high + name + GAP)})`;
    const factor = display.upsampling === "nearest" ? 1 : Math.min(4, Math.ceil(side / picture.width));
    const drawn = url(heated(picture, values, { rows, columns }, scale, display, factor));
    const image = `<image y="${name}" width="${side}" height="${height}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${drawn}"/>`;
    const size = `transform="translate(0 ${name}) scale(${side / columns} ${height / rows})" fill="none"`;
    const path = display.contour ? contourPath(values, { rows, columns }, scale, display.threshold) : "";
    const outline = path
      ? `<g ${size}><path d="${path}" stroke="#000" stroke-width="3" vector-effect="non-scaling-stroke"/><path d="${path}" stroke="#fff" stroke-width="1.5" vector-effect="non-scaling-stroke"/></g>`
      : "";
    return `<g transform="${at}">${name ? `<text y="13">${escaped(title)}</text>` : ""}${image}${outline}</g>`;
  });
  const top = Math.ceil(maps.length / across) * (high + name + GAP) + 6;
  const legend = legendMarks(scale, valueName, overlayColours(scale, display));
  return {
    width: Math.max(across * (side + GAP) - GAP, LEGEND.width),
    height: top + LEGEND.height,
    body: `${marks.join("")}<g transform="translate(0 ${top})">${legend}</g>`,
  };
}
