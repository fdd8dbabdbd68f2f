/** Pictures of the worlds that generators know. */
import { UsageError } from "../engine/errors.js";
import type { RgbImage } from "../engine/media/image.js";
import { floatTensor } from "../engine/tensor/tensor.js";
import { picturesOfPixels } from "../models/idempotent/pixels.js";
import type { OpenGenerator } from "./job.js";

/** Picture 0 of a seed at a size. A world is loaded when it is drawn. */
const WORLDS: Readonly<Record<string, (seed: number, size: number) => Promise<RgbImage>>> = {
  async glyphs(seed, size) {
    const { drawGlyph, glyphAt } = await import("../worlds/glyphs/index.js");
    const pixels = drawGlyph(glyphAt(seed, 0), size);
    return picturesOfPixels(floatTensor(pixels, [1, 1, size, size]))[0]!;
  },
  async faces(seed, size) {
    const { drawFace, faceAt } = await import("../worlds/faces/index.js");
    return drawFace(faceAt(seed, 0), size);
  },
};

/** The first picture of the world of a seed, at the generator's size. Throws `UsageError` for a generator of no world. */
export async function worldPicture({ generator, metadata }: OpenGenerator, seed: number): Promise<RgbImage> {
  const draw = WORLDS[metadata["world"] ?? ""];
  if (draw !== undefined) return draw(seed, generator.parts.architecture.size);
  throw new UsageError({
    what: "this model's pictures are of no world that can be drawn",
    got: metadata["world"] ?? "no world in its metadata",
    expected: Object.keys(WORLDS).join(", "),
    fix: "give a picture, or begin with one of its samples",
  });
}
