/** Pictures side by side, for export. */
import type { ColourScale } from "../../panels/colour.js";
import { type Drawing, LEGEND, legendMarks } from "../../panels/drawing.js";
import { escaped, type RgbImage } from "../../panels/library.js";

export interface NamedPicture {
  readonly name: string;
  readonly note?: string;
  readonly picture: RgbImage;
}

const SIDE = 132;
const GAP = 14;
const NAME = 20;
const NOTE = 18;

/** `url` gives a picture as the address of a PNG; `legend` is of maps among the pictures. */
export function drawPictures(
  pictures: readonly NamedPicture[],
  across: number,
  url: (picture: RgbImage) => string,
  legend?: { readonly scale: ColourScale; readonly name: string },
): Drawing {
  const high = NAME + SIDE + NOTE + GAP;
  const marks = pictures.map(({ name, note, picture }, i) => {
    const at = `translate(${(i % across) * (SIDE + GAP)} ${Math.floor(i / across) * high})`;
    const image = `<image y="${NAME}" width="${SIDE}" height="${SIDE}" style="image-rendering:pixelated" href="${url(picture)}"/>`;
    const below = note === undefined ? "" : `<text class="soft number" y="${NAME + SIDE + 14}">${escaped(note)}</text>`;
    return `<g transform="${at}"><text y="13">${escaped(name)}</text>${image}${below}</g>`;
  });
  const top = Math.ceil(pictures.length / across) * high;
  const key = legend && `<g transform="translate(0 ${top})">${legendMarks(legend.scale, legend.name)}</g>`;
  return {
    width: Math.max(across * (SIDE + GAP) - GAP, LEGEND.width),
    height: top + (legend ? LEGEND.height : 0),
    body: marks.join("") + (key ?? ""),
  };
}
