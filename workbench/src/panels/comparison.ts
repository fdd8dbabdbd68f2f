import type { RgbImage } from "./library.js";

/** One of two maps that are compared. */
export interface TitledMap {
  readonly title: string;
  readonly picture: RgbImage;
  /** rows · columns, row by row. */
  readonly values: Float32Array;
}

export type Comparison = "side by side" | "swipe" | "onion skin" | "difference";
