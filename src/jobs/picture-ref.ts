/** What picture a job is asked about: one that was handed over, or a scene of the procedural world, drawn when needed. */
import { z } from "zod";
import type { Scene } from "../worlds/scenes/index.js";
import { BACKGROUNDS, COLOURS, SHAPES, SIZES, STYLES, TEXTURES } from "../worlds/scenes/vocabulary.js";

const fraction = z.number().min(-1).max(2);

const sceneObject = z.strictObject({
  shape: z.enum(SHAPES),
  colour: z.enum(COLOURS),
  texture: z.enum(TEXTURES),
  size: z.enum(SIZES),
  x: fraction,
  y: fraction,
  rotation: z.number(),
  flipped: z.boolean(),
  scale: z.number().positive().max(2),
  seed: z.int().nonnegative(),
});

export const sceneSchema = z.strictObject({
  background: z.enum(BACKGROUNDS),
  style: z.enum(STYLES),
  seed: z.int().nonnegative(),
  objects: z.array(sceneObject).max(12).readonly(),
}) satisfies z.ZodType<Scene>;

/** Of a picture that was handed over. */
export const pictureId = z.string().regex(/^[0-9a-f]{64}$/);

export const pictureRef = z.union([z.strictObject({ picture: pictureId }), z.strictObject({ scene: sceneSchema })]);

export type PictureRef = z.output<typeof pictureRef>;

/** The same for the same picture. */
export const pictureKey = (ref: PictureRef): string => ("picture" in ref ? ref.picture : JSON.stringify(ref.scene));
