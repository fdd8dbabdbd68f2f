/** The figure as vectors, for export. */
import type { ColourScale } from "../../panels/colour.js";
import { type Drawing, LEGEND, legendMarks } from "../../panels/drawing.js";
import { type HeatDisplay, overlayColours } from "../../panels/heat-overlay.js";
import type { RgbImage } from "../../panels/library.js";

export interface MaskFigureParts {
  /** What lies below the outlines, and how it is shown. */
  readonly drawn: RgbImage;
  readonly scale: ColourScale;
  readonly display: HeatDisplay;
  readonly valueName: string;
  /** Paths in units of the picture's pixels. */
  readonly outline: string | undefined;
  readonly truth: string | undefined;
}

const SIDE = 420;

/** `url` gives a picture as the address of a PNG. */
export function drawMask(parts: MaskFigureParts, url: (picture: RgbImage) => string): Drawing {
  const { drawn, scale, display, valueName, outline, truth } = parts;
  const image = `<image width="${SIDE}" height="${SIDE}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${url(drawn)}"/>`;
  const at = `transform="scale(${SIDE / drawn.width})" fill="none"`;
  const line = (path: string | undefined, colour: string, dash: string): string =>
    path
      ? `<g ${at}><path d="${path}" stroke="#000" stroke-width="4" vector-effect="non-scaling-stroke"/><path d="${path}" stroke="${colour}" stroke-width="2"${dash} vector-effect="non-scaling-stroke"/></g>`
      : "";
  const legend = legendMarks(scale, valueName, overlayColours(scale, display));
  return {
    width: SIDE,
    height: SIDE + 16 + LEGEND.height,
    body: `${image}${line(truth, "#ffd60a", ' stroke-dasharray="5 4"')}${line(outline, "#fff", "")}<g transform="translate(0 ${SIDE + 16})">${legend}</g>`,
  };
}
