import { contourPath } from "../../panels/heat-overlay.js";

/** Outline of the ones of a mask [side,side], as an SVG path in units of pixels. */
export const outlineOf = (mask: Uint8Array, side: number): string =>
  contourPath(mask, { rows: side, columns: side }, { signed: false, min: 0, max: 1 }, 0.5);
