/** How Hugging Face's image processors prepare pictures, from their configuration. */
import { z } from "zod";
import { type ConfigFile, deviations, means, off, parseConfig, size, unsupportedConfig } from "./config-file.js";
import { HALF_PREPROCESSING, OPENAI_PREPROCESSING, type Preprocessing } from "./preprocess.js";

const DEFAULT_SIZE = 224;

/** An image processor: what it is called, and what it does where its configuration says nothing. */
export interface ImageProcessor {
  readonly name: string;
  /** Its names in files. */
  readonly types: RegExp;
  readonly defaults: Preprocessing;
}

export const CLIP_PROCESSOR: ImageProcessor = {
  name: "CLIPImageProcessor",
  types: /^CLIP(ImageProcessor|FeatureExtractor)/,
  defaults: OPENAI_PREPROCESSING,
};
/** Of DINOv2. */
export const BIT_PROCESSOR: ImageProcessor = {
  name: "BitImageProcessor",
  types: /^BitImageProcessor/,
  defaults: OPENAI_PREPROCESSING,
};
/** Of ViT and DINO. */
export const VIT_PROCESSOR: ImageProcessor = {
  name: "ViTImageProcessor",
  types: /^ViT(ImageProcessor|FeatureExtractor)/,
  defaults: { ...HALF_PREPROCESSING, filter: "bilinear" },
};
export const SIGLIP_PROCESSOR: ImageProcessor = {
  name: "SiglipImageProcessor",
  types: /^Siglip(2)?ImageProcessor/,
  defaults: HALF_PREPROCESSING,
};
/** Of BLIP, BLIP-2 and InstructBLIP. */
export const BLIP_PROCESSOR: ImageProcessor = {
  name: "BlipImageProcessor",
  types: /^Blip(ImageProcessor|FeatureExtractor)/,
  defaults: { ...OPENAI_PREPROCESSING, fit: "squash" },
};
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

const typeSchema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
});
const schema = z.object({
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
 * without either, the processor's defaults. `imageSize` is the model's. Throws `ModelConfigError`.
 */
export function huggingFacePreprocessing(
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
  imageSize: number,
  kind: ImageProcessor = CLIP_PROCESSOR,
): Preprocessing {
  const read = readProcessor(preprocessor, processor, kind);
  if (read === undefined) return kind.defaults;
  const { file, given, cropped, side: resizeTo, fit } = read;
  if (!cropped) {
    if (fit === "crop") {
      throw unsupportedConfig(
        file.path,
        "do_center_crop",
        given.do_center_crop,
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
  const { mean, std, filter } = kind.defaults;
  return {
    mean: given.image_mean ?? mean,
    std: given.image_std ?? std,
    filter: given.resample == null ? filter : RESAMPLING[given.resample],
    fit,
    ...(resizeTo === imageSize ? {} : { resizeTo }),
  };
}

/** The side of the squares that the processor gives, which may be another than the one a model was trained on. */
export function processedSide(
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
  kind: ImageProcessor,
): number | undefined {
  const read = readProcessor(preprocessor, processor, kind);
  if (read === undefined) return undefined;
  return read.cropped ? resizeOf(read.given.crop_size ?? DEFAULT_SIZE).side : read.side;
}

interface ReadProcessor {
  readonly file: ConfigFile;
  readonly given: z.infer<typeof schema>;
  /** Whether the centre is cut out after the resize. */
  readonly cropped: boolean;
  /** What is resized to, and which sides. */
  readonly side: number;
  readonly fit: Preprocessing["fit"];
}

function readProcessor(
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
  kind: ImageProcessor,
): ReadProcessor | undefined {
  const file = preprocessor ?? (processor && nested(processor));
  if (file === undefined) return undefined;
  checkType(file, kind);
  const given = parseConfig(file, schema);
  const crops = kind.defaults.fit === "crop";
  const size = given.size ?? DEFAULT_SIZE;
  // One number means the shorter side to processors that crop, and both sides to those that do not.
  const { side, fit } = typeof size === "number" && !crops ? { side: size, fit: "squash" as const } : resizeOf(size);
  return { file, given, cropped: crops && given.do_center_crop !== false, side, fit };
}

/** Other processors have other defaults, and other steps. */
function checkType(file: ConfigFile, { name, types }: ImageProcessor): void {
  for (const [key, type] of Object.entries(parseConfig(file, typeSchema))) {
    if (type != null && !types.test(type)) throw unsupportedConfig(file.path, key, type, name);
  }
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
