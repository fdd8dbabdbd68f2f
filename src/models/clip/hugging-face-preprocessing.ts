/** How Hugging Face's `CLIPImageProcessor` prepares pictures, from its configuration. */
import { z } from "zod";
import { type ConfigFile, deviations, means, off, parseConfig, size, unsupportedConfig } from "./config-file.js";
import { OPENAI_PREPROCESSING, type Preprocessing } from "./preprocess.js";

const DEFAULT_SIZE = 224;
const RESAMPLING = { 2: "bilinear", 3: "bicubic" } as const;
const RESCALE_TOLERANCE = 1e-8;

const rectangle = z
  .strictObject({ height: size, width: size })
  .refine(({ height, width }) => height === width, "a square: the model sees squares");
const resized = z.union([size, z.strictObject({ shortest_edge: size }), rectangle], {
  error: "the shortest edge, or equal height and width",
});
const cropped = z.union([size, rectangle], { error: "one size, or equal height and width" });
const on = z.literal(true, { error: "true: a step that is left out is not supported" }).nullish();

const schema = z.object({
  // Other processors have other defaults, and other steps.
  image_processor_type: z
    .string()
    .regex(/^CLIPImageProcessor/, "CLIPImageProcessor")
    .nullish(),
  feature_extractor_type: z
    .string()
    .regex(/^CLIPFeatureExtractor/, "CLIPFeatureExtractor")
    .nullish(),
  do_resize: on,
  size: resized.nullish(),
  resample: z.union([z.literal(2), z.literal(3)], { error: "2 (bilinear) or 3 (bicubic)" }).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: cropped.nullish(),
  do_pad: off,
  do_rescale: on,
  rescale_factor: z
    .number()
    .refine((factor) => Math.abs(factor * 255 - 1) <= RESCALE_TOLERANCE, "1/255, which gives values from 0 to 1")
    .nullish(),
  do_normalize: on,
  image_mean: means.nullish(),
  image_std: deviations.nullish(),
});
const processorSchema = z.object({ image_processor: z.looseObject({}).nullish() });

/**
 * The preparation that `preprocessor_config.json` describes, or `processor_config.json` (newer, nested) where it is absent;
 * without either, OpenAI's. `imageSize` is the model's. Throws `ModelConfigError`.
 */
export function huggingFacePreprocessing(
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
  imageSize: number,
): Preprocessing {
  const file = preprocessor ?? (processor && nested(processor));
  if (file === undefined) return OPENAI_PREPROCESSING;
  const given = parseConfig(file, schema);
  const { side: resizeTo, fit } = resizeOf(given.size ?? DEFAULT_SIZE);
  if (given.do_center_crop === false) {
    if (fit === "crop") {
      throw unsupportedConfig(
        file.path,
        "do_center_crop",
        false,
        "true, or equal height and width in size: the model sees squares",
      );
    }
    checkSide(file, "size", resizeTo, imageSize);
  } else {
    checkSide(file, "crop_size", resizeOf(given.crop_size ?? DEFAULT_SIZE).side, imageSize);
    if (resizeTo < imageSize) {
      throw unsupportedConfig(
        file.path,
        "size",
        given.size ?? DEFAULT_SIZE,
        `at least ${imageSize}, the size that is cut out`,
      );
    }
  }
  return {
    mean: given.image_mean ?? OPENAI_PREPROCESSING.mean,
    std: given.image_std ?? OPENAI_PREPROCESSING.std,
    filter: RESAMPLING[given.resample ?? 3],
    fit,
    ...(resizeTo === imageSize ? {} : { resizeTo }),
  };
}

function nested({ path, json }: ConfigFile): ConfigFile | undefined {
  const { image_processor: inner } = parseConfig({ path, json }, processorSchema);
  return inner == null ? undefined : { path, json: inner };
}

function resizeOf(given: z.infer<typeof resized>): { side: number; fit: Preprocessing["fit"] } {
  if (typeof given === "number") return { side: given, fit: "crop" };
  return "height" in given ? { side: given.height, fit: "squash" } : { side: given.shortest_edge, fit: "crop" };
}

function checkSide(file: ConfigFile, key: string, got: number, imageSize: number): void {
  if (got === imageSize) return;
  throw unsupportedConfig(file.path, key, got, `${imageSize}, the size that the model is configured for`);
}
