/** What the command line shows of any world. */
import type { RgbImage } from "../../engine/media/image.js";

export interface DrawOptions {
  readonly count: number;
  readonly seed: number;
  readonly spurious?: number;
  readonly classes?: string;
}

/** One picture of a world, with the words for it. */
export interface Drawn {
  /** Letters, digits, commas and spaces. */
  readonly text: string;
  readonly picture: (size: number) => RgbImage;
  /** Plain data for `--json`: all that is known of the picture. */
  readonly told: (size: number) => object;
}
