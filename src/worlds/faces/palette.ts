/** Colours, red, green and blue from 0 to 255. */
import type { EyeColour, HairColour, SkinTone } from "./vocabulary.js";

export type Rgb = readonly [red: number, green: number, blue: number];

export const SKINS: Readonly<Record<SkinTone, Rgb>> = {
  porcelain: [252, 228, 214],
  fair: [246, 209, 182],
  beige: [232, 186, 150],
  olive: [208, 163, 122],
  tan: [184, 132, 94],
  brown: [144, 96, 66],
  deep: [98, 64, 48],
};

export const HAIRS: Readonly<Record<HairColour, Rgb>> = {
  black: [42, 36, 42],
  brown: [92, 60, 42],
  auburn: [128, 58, 44],
  red: [204, 98, 44],
  blond: [232, 192, 112],
  grey: [148, 148, 156],
  white: [232, 230, 228],
  pink: [232, 122, 168],
  blue: [76, 118, 196],
};

export const IRISES: Readonly<Record<EyeColour, Rgb>> = {
  brown: [104, 62, 34],
  hazel: [150, 108, 48],
  green: [84, 146, 84],
  blue: [70, 136, 206],
  grey: [132, 146, 160],
};

export const LIP: Rgb = [190, 62, 76];
export const BLUSH: Rgb = [226, 92, 88];

/** Of hats. */
export const FELTS: readonly Rgb[] = [
  [190, 62, 58],
  [226, 158, 54],
  [72, 128, 96],
  [58, 92, 150],
  [96, 72, 120],
  [70, 66, 74],
  [206, 186, 154],
];

/** Of spectacle frames. */
export const FRAMES: readonly Rgb[] = [
  [36, 34, 40],
  [104, 62, 38],
  [176, 58, 56],
  [52, 76, 122],
  [196, 158, 78],
];

export const CLOTHES: readonly Rgb[] = [
  [68, 92, 132],
  [176, 74, 66],
  [86, 128, 108],
  [222, 174, 92],
  [108, 88, 128],
  [226, 222, 212],
  [62, 62, 72],
  [204, 122, 128],
  [122, 152, 176],
  [150, 112, 82],
];

export const BACKDROP_COLOURS: readonly Rgb[] = [
  [196, 216, 226],
  [238, 214, 188],
  [206, 222, 196],
  [226, 202, 214],
  [178, 190, 206],
  [240, 228, 196],
  [120, 148, 164],
  [148, 122, 132],
  [92, 112, 108],
  [216, 160, 128],
  [134, 178, 176],
  [84, 90, 116],
];

export function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

export function scaled(a: Rgb, by: number): Rgb {
  return [a[0] * by, a[1] * by, a[2] * by];
}

/** The colour at `at`, from -1 to 1, of a list. */
export function chosen(list: readonly Rgb[], at: number): Rgb {
  return list[Math.min(list.length - 1, Math.floor(((at + 1) / 2) * list.length))]!;
}
