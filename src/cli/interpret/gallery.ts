/** The pictures that a search goes through: files, folders of files, or scenes that are drawn when they are looked at. */
import { UsageError } from "../../engine/errors.js";
import { decodeImage } from "../../engine/media/decode.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { Clip } from "../../models/clip/clip.js";
import { fitImage, rescaledPreprocessing } from "../../models/clip/preprocess.js";
import { fullCaption, renderScene, sceneAt, type Scene } from "../../worlds/scenes/index.js";
import { pictureSource, type PixelSource } from "../decompose/sources.js";
import { picturesIn } from "../pictures/folders.js";
import { skippedLines, usableSource } from "../pictures/usable-source.js";

export interface GalleryOptions {
  readonly among?: readonly string[];
  readonly world?: "scenes";
  /** Of scenes. */
  readonly count: number;
  readonly seed: number;
  readonly frame?: number;
  readonly batch: number;
  readonly strict?: true;
}

export interface Gallery extends PixelSource {
  /** In words, such as "500 scenes (seed 0)". */
  readonly about: string;
  /** What is to be seen, where that is known. */
  readonly notes?: readonly string[];
  /** The part of a picture that the model sees, `side` pixels wide and high. */
  picture(index: number, side: number): Promise<RgbImage>;
}

/**
 * Scenes unless there are files; files that cannot be read are left out, and said on stderr. Throws `UsageError` for both at once, for folders
 * without pictures, and where no picture can be read; with `strict`, what reading one throws.
 */
export async function openGallery(clip: Clip, options: GalleryOptions): Promise<Gallery> {
  const { among, world, count, seed, batch, strict = false } = options;
  if (among !== undefined && world !== undefined) {
    throw new UsageError({ what: "--among and --world at once", expected: "one or the other", fix: "leave one out" });
  }
  if (among !== undefined) {
    const paths = picturesIn(among);
    const all = fileGallery(clip, paths, options);
    const { source, skipped } = await usableSource(all, { batch, strict });
    if (skipped.length === 0) return all;
    process.stderr.write(`${skippedLines(skipped, paths.length).join("\n")}\n`);
    return {
      ...source,
      about: `${source.names.length} pictures`,
      picture: (index, side) => all.picture(paths.indexOf(source.names[index]!), side),
    };
  }
  const scenes = Array.from({ length: count }, (_, i) => sceneAt(seed, i));
  return sceneGallery(clip, scenes, `${count} scenes (seed ${seed})`);
}

export function fileGallery(
  clip: Clip,
  paths: readonly string[],
  { frame, batch }: Pick<GalleryOptions, "frame" | "batch">,
): Gallery {
  const source = pictureSource(clip, paths, { frame, few: batch });
  return {
    ...source,
    about: paths.length === 1 ? "1 picture" : `${paths.length} pictures`,
    async picture(index, side) {
      const image = await decodeImage(paths[index]!, frame === undefined ? {} : { frame });
      const { preprocessing, vision } = clip.parts;
      return fitImage(image, side, rescaledPreprocessing(preprocessing, vision.imageSize, side));
    },
  };
}

function sceneGallery(clip: Clip, scenes: readonly Scene[], about: string): Gallery {
  const { imageSize } = clip.parts.vision;
  return {
    about,
    names: scenes.map((_, i) => `scene ${i}`),
    notes: scenes.map(fullCaption),
    read: (start, end) =>
      Promise.resolve(clip.preprocess(scenes.slice(start, end).map((scene) => renderScene(scene, imageSize)))),
    picture: (index, side) => Promise.resolve(renderScene(scenes[index]!, side)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
