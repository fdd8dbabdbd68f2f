/** Generators, and pictures as they take them. */
import { z } from "zod";
import type { RgbImage } from "../engine/media/image.js";
import type { NormUse } from "../models/idempotent/generator.js";
import { type Adaptation, picturesOfPixels, pixelsOfPicture } from "../models/idempotent/pixels.js";
import { renderScene } from "../worlds/scenes/index.js";
import { job, type JobContext, type OpenGenerator } from "./job.js";
import { modelRef } from "./model-info.js";
import { type PictureRef, pictureRef } from "./picture-ref.js";
import { worldPicture } from "./world-picture.js";

/** What rooms lay themselves out by. */
export interface GeneratorInfo {
  readonly ref: string;
  /** SHA-256 of the weights, in hex. */
  readonly digest: string;
  /** Side of its pictures in pixels. */
  readonly size: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: 1 | 3;
  /** Which statistics its batch norms use for noise and for pictures. */
  readonly use: NormUse;
  /** The procedural world that it knows, where it is one of these. */
  readonly world?: string;
  /** What it does not know, in words. */
  readonly caveat?: string;
  /** How far pictures of its world move, roots of mean squares on a scale from -1 to 1: the median, and what 95% stay below. */
  readonly knownDrift?: { readonly median: number; readonly most: number };
}

export const generatorInfo = job({
  summary: "Opens a model that makes pictures and tells its sizes.",
  params: z.strictObject({ model: modelRef }),
  async run({ models }, { model }, control): Promise<GeneratorInfo> {
    const { generator, metadata, digest } = await models.openGenerator(model, control);
    const { architecture, use } = generator.parts;
    const { world, caveat, drift_median: median, drift_95: most } = metadata;
    return {
      ref: model,
      digest,
      size: architecture.size,
      channels: architecture.channels,
      use,
      ...(world !== undefined && { world }),
      ...(caveat !== undefined && { caveat }),
      ...(median !== undefined && most !== undefined && { knownDrift: { median: Number(median), most: Number(most) } }),
    };
  },
});

/** Seeds of noise and damage, as the command line takes them. */
export const drawSeed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** A picture at the size and in the channels of a generator. */
export interface FittedPicture {
  /** [S,S,C], from 0 to 255, row by row: all that the picture has. */
  readonly levels: Uint8Array;
  /** What was done to it; nothing where it was of that form. */
  readonly adaptations: readonly Adaptation[];
  /** Of how many pixels it was. */
  readonly from: { readonly width: number; readonly height: number };
}

export const generatorPictureJob = job({
  summary: "Brings a picture to a generator's size and channels, or draws one of the world that the generator knows.",
  params: z.strictObject({
    model: modelRef,
    picture: z.union([...pictureRef.options, z.strictObject({ world: drawSeed })]),
    /** Dark becomes bright. */
    invert: z.boolean().default(false),
  }),
  async run(context, { model, picture, invert }, control): Promise<FittedPicture> {
    const open = await context.models.openGenerator(model, control);
    const { architecture } = open.generator.parts;
    const image = await imageOf(context, open, picture);
    const { pixels, adaptations } = pixelsOfPicture(image, architecture);
    const [{ data }] = picturesOfPixels(pixels) as [RgbImage];
    const kept = architecture.channels === 1 ? data.filter((_, i) => i % 3 === 0) : data;
    return {
      levels: invert ? kept.map((level) => 255 - level) : kept,
      adaptations,
      from: { width: image.width, height: image.height },
    };
  },
});

function imageOf(
  { pictures }: JobContext,
  open: OpenGenerator,
  picture: PictureRef | { readonly world: number },
): Promise<RgbImage> | RgbImage {
  const { size } = open.generator.parts.architecture;
  if ("world" in picture) return worldPicture(open, picture.world);
  return "scene" in picture ? renderScene(picture.scene, size) : pictures.get(picture.picture);
}
