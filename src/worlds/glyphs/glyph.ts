/** All that a picture of a character depends on, but for its number of pixels. */
export interface Glyph {
  /** One of `GLYPH_CLASSES`. */
  readonly class: string;
  /** Which of the ways to write the class; see `glyphStyles`. */
  readonly style: string;
  /** Radians; to the right is positive. */
  readonly slant: number;
  /** Of the whole character, after slanting; radians, clockwise. */
  readonly rotation: number;
  /** How much wider than drawn up; 1 is as drawn up. */
  readonly aspect: number;
  /** Mean width of the pen, in pixels of a picture of 28 × 28. */
  readonly thickness: number;
  /** How much the pen's width varies along a stroke, from 0 to 1. */
  readonly pressure: number;
  /** How much thinner strokes become towards their ends, from 0 to 1. */
  readonly taper: number;
  /** How far ink fades at its edges, in pixels of a picture of 28 × 28; no less than one pixel is drawn. */
  readonly softness: number;
  /** How bright the ink is, from 0 to 1. */
  readonly ink: number;
  /** The longer side of the box around the ink, as a fraction of the picture's side. */
  readonly scale: number;
  /** Where the centre of the ink's mass lies, from the picture's middle, as fractions of its side; y down. */
  readonly x: number;
  readonly y: number;
  /** How unsteady the hand is: by how much points of a stroke go astray, in heights of the character. */
  readonly wobble: number;
  /** How much the hand trembles, in pixels of a picture of 28 × 28. */
  readonly tremor: number;
  /** How much the page is bent, in heights of the character. */
  readonly warp: number;
  /** The share of sharp turns that become round, from 0 to 1. */
  readonly roundness: number;
  /** Of what goes astray, and where. */
  readonly seed: number;
}
