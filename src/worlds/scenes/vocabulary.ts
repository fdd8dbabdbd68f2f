/** What a scene can hold: the values of every attribute. */

export const SHAPES = [
  "circle",
  "square",
  "triangle",
  "star",
  "heart",
  "ring",
  "cross",
  "crescent",
  "diamond",
  "hexagon",
  "arrow",
  "fish",
  "bird",
  "tree",
  "house",
  "flower",
  "boat",
  "mushroom",
] as const;
export type Shape = (typeof SHAPES)[number];

export const COLOURS = [
  "red",
  "orange",
  "yellow",
  "green",
  "blue",
  "purple",
  "pink",
  "brown",
  "white",
  "black",
] as const;
export type Colour = (typeof COLOURS)[number];

export const TEXTURES = ["solid", "striped", "dotted", "checkered", "rippled", "faded"] as const;
export type Texture = (typeof TEXTURES)[number];

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

export const BACKGROUNDS = ["plain", "sky", "grass", "sea", "sand", "night", "brick", "checker"] as const;
export type Background = (typeof BACKGROUNDS)[number];

export const STYLES = ["clean", "noisy", "blurred", "sketch", "pixelated", "dark"] as const;
export type Style = (typeof STYLES)[number];

/** Cells of a 3 × 3 grid, by row. */
export const POSITIONS = [
  "top left",
  "top",
  "top right",
  "left",
  "centre",
  "right",
  "bottom left",
  "bottom",
  "bottom right",
] as const;
export type Position = (typeof POSITIONS)[number];

export const RELATIONS = ["left of", "right of", "above", "below"] as const;
export type Relation = (typeof RELATIONS)[number];

/** Red, green and blue, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export interface Paint {
  readonly colour: Rgb;
  /** Of outlines and dark details. */
  readonly ink: Rgb;
  /** The other tone of textures, and of light details. */
  readonly second: Rgb;
}

const CREAM: Rgb = [255, 245, 228];

export const PAINTS: Readonly<Record<Colour, Paint>> = {
  red: { colour: [222, 38, 44], ink: [128, 12, 22], second: CREAM },
  orange: { colour: [247, 132, 24], ink: [156, 70, 6], second: CREAM },
  yellow: { colour: [254, 214, 28], ink: [150, 108, 4], second: [255, 253, 240] },
  green: { colour: [38, 152, 66], ink: [12, 82, 34], second: CREAM },
  blue: { colour: [38, 86, 214], ink: [14, 36, 116], second: CREAM },
  purple: { colour: [132, 58, 184], ink: [72, 22, 108], second: CREAM },
  pink: { colour: [250, 132, 184], ink: [176, 56, 112], second: [255, 246, 246] },
  brown: { colour: [122, 72, 36], ink: [62, 32, 12], second: CREAM },
  white: { colour: [252, 252, 250], ink: [112, 116, 130], second: [146, 152, 170] },
  black: { colour: [34, 34, 40], ink: [132, 132, 144], second: CREAM },
};
