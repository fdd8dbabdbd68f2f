/** The pictures that a command over many of them is given. */
import type { Clip } from "../../models/clip/clip.js";
import { pictureSource, pixelFileSource, type PixelSource } from "../decompose/sources.js";
import { checkSource } from "../decompose/run.js";
import { picturesIn } from "./folders.js";
import { sceneSource } from "./scene-source.js";

export interface PictureSetOptions {
  readonly pixels?: string;
  readonly scenes: number;
  readonly seed: number;
  readonly frame?: number;
  readonly batch: number;
}

export interface PictureSet extends PixelSource {
  /** For people: what the pictures are. */
  readonly title: string;
}

/**
 * Picture files and folders of them, or a file of pixels; scenes where there is neither. Throws `UsageError` for a folder without
 * pictures or for both at once, and what opening a file of pixels throws.
 */
export async function pictureSet(
  clip: Clip,
  images: readonly string[],
  { pixels, scenes, seed, frame, batch }: PictureSetOptions,
): Promise<PictureSet> {
  if (images.length === 0 && pixels === undefined) {
    return { ...sceneSource(clip, scenes, seed), title: `${scenes} scenes drawn for the purpose (seed ${seed})` };
  }
  checkSource(images, pixels, "no pictures", "vitrine heads photos");
  if (pixels !== undefined) return { ...(await pixelFileSource(clip, pixels)), title: pixels };
  const paths = picturesIn(images);
  return { ...pictureSource(clip, paths, { frame, few: batch }), title: `${paths.length} pictures` };
}
