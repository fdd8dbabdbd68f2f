import type { RgbImage } from "./library.js";

/** A small picture with its caption. */
export interface PictureItem {
  /** Tells pictures apart. */
  readonly key: string;
  /** Pixels, the address of a picture, or undefined while it is not there yet. */
  readonly picture: RgbImage | string | undefined;
  /** What the picture shows. */
  readonly alt: string;
  readonly caption?: string | undefined;
  /** Stands apart from the caption: a score, say. */
  readonly note?: string | undefined;
}
