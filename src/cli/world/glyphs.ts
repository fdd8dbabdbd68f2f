import { type RgbImage, rgbImage } from "../../engine/media/image.js";
import { drawGlyph, type Glyph, GLYPH_CLASSES, glyphAt } from "../../worlds/glyphs/index.js";
import type { Drawn, DrawOptions } from "./drawn.js";

/** The same glyphs as `glyphRows` of the seed. */
export function drawGlyphs({ count, seed, classes }: DrawOptions): Drawn[] {
  const options = { classes: classes === undefined ? GLYPH_CLASSES : [...new Set(classes)] };
  return Array.from({ length: count }, (_, i) => {
    const glyph = glyphAt(seed, i, options);
    const text = `${glyph.class} ${glyph.style}`.replace(/[^\w ]/g, "");
    return { text, picture: (size) => white(glyph, size), told: () => ({ glyph }) };
  });
}

/** White on black, as in MNIST. */
function white(glyph: Glyph, size: number): RgbImage {
  const pixels = drawGlyph(glyph, size);
  const data = new Uint8Array(3 * size * size);
  for (let i = 0; i < data.length; i++) data[i] = (pixels[Math.floor(i / 3)]! + 1) * 127.5 + 0.5;
  return rgbImage(size, size, data);
}
