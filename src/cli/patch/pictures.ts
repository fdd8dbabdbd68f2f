/** The pictures of `vitrine patch`: two files, rows of a file of pixels, or two scenes that differ in one attribute. */
import { UsageError } from "../../engine/errors.js";
import { seeded } from "../../engine/train/seeds.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { CONTROL_SCENES, controlScene } from "../../methods/patching/control-scenes.js";
import type { PatchPictures } from "../../methods/patching/patch-grid.js";
import type { Clip } from "../../models/clip/clip.js";
import { fullCaption, type PairAttribute, renderScene, type Scene, scenePair } from "../../worlds/scenes/index.js";
import { pictureSource, pixelFileSource } from "../decompose/sources.js";

export interface PatchPictureOptions {
  readonly pixels?: string;
  /** Seed of the scenes, for the pair as for controls. */
  readonly scenes: number;
  readonly differ: PairAttribute;
  /** A file, or true for scenes. */
  readonly control?: string | true;
  readonly frame?: number;
}

export interface NamedPictures extends Required<PatchPictures> {
  readonly names: { readonly clean: string; readonly corrupted: string; readonly controls: readonly string[] };
  /** Of scenes: what is true of the one and not of the other. */
  readonly texts?: readonly [string, string];
}

/** Throws `UsageError` for another number of pictures than two, and what reading pictures throws. */
export async function patchPictures(
  clip: Clip,
  images: readonly string[],
  options: PatchPictureOptions,
): Promise<NamedPictures> {
  const { pixels, control } = options;
  const pair =
    pixels !== undefined
      ? await fromPixels(clip, images, pixels)
      : images.length === 0
        ? scenePictures(clip, options)
        : await fromFiles(clip, images, options);
  const others =
    control === undefined
      ? { names: [], pixels: [] }
      : control === true
        ? controlScenes(clip, options.scenes, CONTROL_SCENES)
        : { names: [control], pixels: await filePixels(clip, [control], options) };
  return { ...pair, controls: others.pixels, names: { ...pair.names, controls: others.names } };
}

type Pair = Omit<NamedPictures, "controls" | "names"> & {
  readonly names: { readonly clean: string; readonly corrupted: string };
};

async function fromFiles(clip: Clip, images: readonly string[], options: PatchPictureOptions): Promise<Pair> {
  if (images.length !== 2) throw notTwo(`${images.length} picture${images.length === 1 ? "" : "s"}`);
  const [clean, corrupted] = (await filePixels(clip, images, options)) as [FloatTensor, FloatTensor];
  return { clean, corrupted, names: { clean: images[0]!, corrupted: images[1]! } };
}

async function filePixels(
  clip: Clip,
  paths: readonly string[],
  { frame }: PatchPictureOptions,
): Promise<FloatTensor[]> {
  await using source = pictureSource(clip, paths, { frame, few: paths.length });
  const pixels: FloatTensor[] = [];
  for (const i of paths.keys()) pixels.push(await source.read(i, i + 1));
  return pixels;
}

async function fromPixels(clip: Clip, images: readonly string[], path: string): Promise<Pair> {
  if (images.length > 0) throw notTwo(`${images[0]!} and --pixels ${path}`);
  await using source = await pixelFileSource(clip, path);
  const { names } = source;
  if (names.length !== 2) throw notTwo(`${names.length} rows of pixels`);
  return {
    clean: await source.read(0, 1),
    corrupted: await source.read(1, 2),
    names: { clean: names[0]!, corrupted: names[1]! },
  };
}

/** Pair number `index` of the seed. */
export function scenePictures(
  clip: Clip,
  { scenes: seed, differ }: Pick<PatchPictureOptions, "scenes" | "differ">,
  index = 0,
): Pair & Required<Pick<Pair, "texts">> {
  const { scenes, texts } = scenePair(seeded(seed, "pair", index), differ);
  const [clean, corrupted] = scenes.map((scene) => drawn(clip, scene)) as [FloatTensor, FloatTensor];
  const [one, other] = scenes.map(fullCaption) as [string, string];
  return { clean, corrupted, names: { clean: one, corrupted: other }, texts };
}

/** Scenes of the seed, by number, that have nothing to do with its pairs. */
export function controlScenes(
  clip: Clip,
  seed: number,
  indices: readonly number[],
): { names: string[]; pixels: FloatTensor[] } {
  const scenes = indices.map((index) => controlScene(seed, index));
  return { names: scenes.map(fullCaption), pixels: scenes.map((scene) => drawn(clip, scene)) };
}

function drawn(clip: Clip, scene: Scene): FloatTensor {
  return clip.preprocess([renderScene(scene, clip.parts.vision.imageSize)]);
}

function notTwo(got: string): UsageError {
  return new UsageError({
    what: "patching needs two pictures",
    got,
    expected: "two picture files, --pixels FILE with two rows, or neither for a pair of scenes",
    fix: 'name them, as in `vitrine patch cat.jpg dog.jpg --text "a cat" --against "a dog"`',
  });
}
