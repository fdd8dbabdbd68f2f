/**
 * Reads the weights of a model from a checkpoint of any layout.
 *
 * @file Of CLIP, OpenAI's and OpenCLIP's files share one layout, Hugging Face's `CLIPModel` is the other; `families/` has those of other
 * models. Shapes are checked here, so that a graph is never built over weights that do not fit.
 */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { blipTower, isBlipTower } from "../families/blip-layout.js";
import { huggingFaceVit, isDinov2, vitPrefix } from "../families/hugging-face-vit-layout.js";
import { isSiglip, siglipTowers } from "../families/siglip-layout.js";
import { hasLayerScale, isTimm, timmVit } from "../families/timm-layout.js";
import { checkpointSource } from "./checkpoint-source.js";
import { WrongFamilyError } from "./errors.js";
import { huggingFaceTowers } from "./hugging-face-layout.js";
import { openClipTowers } from "./open-clip-layout.js";
import type { TensorSource } from "./tensor-source.js";
import { checkAllTaken } from "./unexpected-tensors.js";
import type { ClipWeights } from "./weights.js";

/** Whose names the tensors have. "timm": also the original releases of DINO and DINOv2. */
export type Layout = "openai" | "open-clip" | "hugging-face" | "timm";

/** What the model is. "vit": a vision transformer whose class token is read, such as DINO; "dinov2": one with LayerScale. */
export type Family = "clip" | "siglip" | "vit" | "dinov2";

export interface ReadWeights {
  readonly family: Family;
  readonly layout: Layout;
  readonly weights: ClipWeights;
}

/**
 * Reads the weights of all towers. Throws {@link WrongFamilyError}, {@link WeightShapeError}, `MissingTensorError`, and
 * `UnexpectedTensorError` where a tower holds more than is read.
 */
export function readClipWeights(checkpoint: Checkpoint): ReadWeights {
  const taken = new Set<string>();
  const source = checkpointSource(checkpoint, taken);
  const { family, layout, read } = detect(checkpoint);
  const weights = { ...read(source), ...scalesOf(checkpoint, source, family) };
  checkAllTaken(checkpoint, taken, family);
  return { family, layout, weights };
}

type Reader = (source: TensorSource<StoredTensor>) => Pick<ClipWeights, "vision" | "text">;

function detect(checkpoint: Checkpoint): Pick<ReadWeights, "family" | "layout"> & { readonly read: Reader } {
  const has = (name: string): boolean => checkpoint.has(name);
  if (has("vision_model.embeddings.class_embedding")) {
    return { family: "clip", layout: "hugging-face", read: huggingFaceTowers };
  }
  if (has("visual.class_embedding")) {
    // OpenAI's own files keep these scalars beside the weights; other writers do not.
    return { family: "clip", layout: has("input_resolution") ? "openai" : "open-clip", read: openClipTowers };
  }
  if (isBlipTower(has)) {
    return { family: "vit", layout: "hugging-face", read: (source) => ({ vision: blipTower(source) }) };
  }
  if (isSiglip(has)) return { family: "siglip", layout: "hugging-face", read: siglipTowers };
  const prefix = vitPrefix(has);
  if (prefix !== undefined) {
    const family = isDinov2(has, prefix) ? "dinov2" : "vit";
    return { family, layout: "hugging-face", read: (source) => ({ vision: huggingFaceVit(source, prefix) }) };
  }
  if (isTimm(has)) {
    const family = hasLayerScale(checkpoint.names()) ? "dinov2" : "vit";
    return { family, layout: "timm", read: (source) => ({ vision: timmVit(source) }) };
  }
  throw unknownFamily(checkpoint);
}

function unknownFamily(checkpoint: Checkpoint): WrongFamilyError {
  const names = checkpoint.names();
  return new WrongFamilyError({
    what: "these are not the weights of a model that is known here",
    where: checkpoint.path,
    got: `${names.length} tensors such as ${names.slice(0, 3).join(", ") || "none"}`,
    expected:
      "a CLIP or a SigLIP with a vision transformer, or a vision transformer that reads its class token, such as DINO or DINOv2",
    fix: "point --model at one of these; ResNet CLIPs and OpenCLIP's files of SigLIP are not supported (Hugging Face's are)",
  });
}

/** Scalars, or vectors of one where OpenCLIP's `nonscalar_logit_scale` is on, and in SigLIP, which alone judges by a bias. */
function scalesOf(
  checkpoint: Checkpoint,
  { take }: TensorSource<StoredTensor>,
  family: Family,
): Pick<ClipWeights, "logitScale" | "logitBias"> {
  const scalar = (name: string): StoredTensor | undefined => {
    if (!checkpoint.has(name)) return undefined;
    return take(name, checkpoint.get(name).shape.length === 1 ? [1] : []);
  };
  const logitScale = scalar("logit_scale");
  const logitBias = family === "siglip" ? scalar("logit_bias") : undefined;
  return { ...(logitScale && { logitScale }), ...(logitBias && { logitBias }) };
}
