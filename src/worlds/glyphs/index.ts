/** A world of handwritten characters whose class and style are known exactly: `vitrine/glyphs`. */
export { Random } from "../../engine/tensor/random.js";
export { drawGlyph } from "./draw.js";
export type { Glyph } from "./glyph.js";
export { glyphPictures, glyphRows, type GlyphRows, type GlyphRowsOptions } from "./rows.js";
export { glyphAt, type GlyphOptions, sampleGlyph } from "./sample.js";
export { GLYPH_CLASSES, glyphStyles } from "./skeletons/table.js";
