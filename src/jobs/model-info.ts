import { z } from "zod";
import type { AutoErase } from "../methods/captions/detect.js";
import { eraseSettings } from "../methods/captions/erase-settings.js";
import { readLayers } from "../models/clip/readout.js";
import type { VisionLanguageModel } from "../models/vlm/vision-language-model.js";
import { job } from "./job.js";

/** What rooms lay themselves out by. */
export interface ModelInfo {
  readonly ref: string;
  /** SHA-256 of the weights, in hex. */
  readonly digest: string;
  /** "clip", "siglip", "vit", "dinov2" */
  readonly family: string;
  /** Layers of attention that are read. */
  readonly layers: number;
  /** Per layer. */
  readonly heads: number;
  /** Neurons of each layer's MLP. */
  readonly neurons: number;
  /** Patches on each side. */
  readonly grid: number;
  /** Pixels on each side. */
  readonly imageSize: number;
  /** Whether texts can be compared with pictures. */
  readonly hasTexts: boolean;
  /** Of a model that describes pictures; what stands above is its vision tower's. */
  readonly captions?: {
    /** Blocks of the language model. */
    readonly blocks: number;
    /** What erasing uses where nothing is said. */
    readonly erase: AutoErase;
    /** What the vision tower is called by itself; the model's own name where it is no other checkpoint. */
    readonly tower: string;
    /** What the model does not know, in words. */
    readonly caveat?: string;
  };
}

export const modelRef = z.string().min(1).max(400);

export const modelInfo = job({
  summary: "Opens a model and tells its sizes.",
  params: z.strictObject({ model: modelRef }),
  async run({ models }, { model }, control): Promise<ModelInfo> {
    const { clip, vlm, digest } = await models.open(model, control);
    const { vision, source, text, tokenizer } = clip.parts;
    return {
      ref: model,
      digest,
      family: source.family,
      layers: readLayers(vision),
      heads: vision.heads,
      neurons: vision.hidden,
      grid: vision.grid,
      imageSize: vision.imageSize,
      hasTexts: text !== undefined && tokenizer !== undefined,
      ...(vlm && { captions: captionsOf(vlm) }),
    };
  },
});

function captionsOf(vlm: VisionLanguageModel): NonNullable<ModelInfo["captions"]> {
  const { tower, metadata } = vlm.parts;
  const { caveat } = metadata;
  return {
    blocks: vlm.language.config.layers,
    erase: eraseSettings(vlm, {}),
    tower: tower.parts.ref,
    ...(caveat !== undefined && { caveat }),
  };
}
