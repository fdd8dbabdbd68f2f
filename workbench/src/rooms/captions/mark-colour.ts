import { type ColourScale, colourOf, css } from "../../panels/colour.js";

/** Of a map that goes from dark to light, the part that stands out from the page. */
const PART = { light: [0, 0.72], dark: [0.35, 1] } as const;

/** The colour of a line below a word. */
export function markColour(scale: ColourScale, value: number, dark: boolean): string {
  const { min, max } = scale;
  const [from, to] = PART[dark ? "dark" : "light"];
  return css(colourOf(scale, min + from * (max - min) + (to - from) * (Math.min(max, value) - min), dark));
}
