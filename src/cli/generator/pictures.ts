/** Pictures for a generator, from files of any kind. */
import { decodeImage } from "../../engine/media/decode.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { IdempotentGenerator } from "../../models/idempotent/generator.js";
import { type Adaptation, pixelsOfPicture } from "../../models/idempotent/pixels.js";
import { renderScene } from "../../worlds/scenes/index.js";
import { pixelRows } from "../decompose/sources.js";
import { isSceneFile, readSceneFile } from "../pictures/scene-file.js";

export interface GeneratorPictures {
  readonly names: readonly string[];
  /** [B,C,S,S] in [-1, 1]. */
  readonly pixels: FloatTensor;
  /** What was done to each. */
  readonly adaptations: readonly (readonly Adaptation[])[];
}

export interface ReadOptions {
  /** The name of the model, for messages. */
  readonly ref: string;
  readonly pixels?: string;
  readonly frame?: number;
  /** Dark becomes bright: for generators of bright ink, whose pictures are mostly of dark ink. */
  readonly invert?: true;
}

/** Scenes, as the workbench saves them, are pictures too. Throws the errors of `decodeImage`, `readSceneFile` and `pixelRows`. */
export async function readPictures(
  generator: IdempotentGenerator,
  images: readonly string[],
  { ref, pixels, frame, invert }: ReadOptions,
): Promise<GeneratorPictures> {
  const { shape } = generator;
  if (pixels !== undefined) {
    const fix = "give pictures instead: they are brought to this size";
    await using source = await pixelRows(pixels, { ref, shape, fix });
    const { names } = source;
    return {
      names,
      pixels: inverted(await source.read(0, names.length), invert),
      adaptations: names.map(() => []),
    };
  }
  const { architecture } = generator.parts;
  const size = sizeOf(shape);
  const data = new Float32Array(images.length * size);
  const adaptations: (readonly Adaptation[])[] = [];
  for (const [i, path] of images.entries()) {
    const picture = isSceneFile(path)
      ? renderScene(await readSceneFile(path), architecture.size)
      : await decodeImage(path, frame === undefined ? {} : { frame });
    const adapted = pixelsOfPicture(picture, architecture);
    data.set(adapted.pixels.data, i * size);
    adaptations.push(adapted.adaptations);
  }
  return { names: images, pixels: inverted(floatTensor(data, [images.length, ...shape]), invert), adaptations };
}

function inverted(pixels: FloatTensor, invert: true | undefined): FloatTensor {
  if (invert === undefined) return pixels;
  return floatTensor(
    pixels.data.map((value) => -value),
    pixels.shape,
  );
}
