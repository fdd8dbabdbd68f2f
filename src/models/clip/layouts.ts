/**
 * Reads the weights of CLIP from a checkpoint of any layout.
 *
 * @file OpenAI's and OpenCLIP's files share one layout, Hugging Face's `CLIPModel` is the other. Shapes are checked here, so that a graph is never built over
 * weights that do not fit.
 */
import { showShape } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { sliceRows } from "../../engine/weights/slice-rows.js";
import { WeightShapeError, WrongFamilyError } from "./errors.js";
import { huggingFaceTowers } from "./hugging-face-layout.js";
import { openClipTowers } from "./open-clip-layout.js";
import type { TensorSource } from "./tensor-source.js";
import { checkAllTaken } from "./unexpected-tensors.js";
import type { ClipWeights } from "./weights.js";

export type Layout = "openai" | "open-clip" | "hugging-face";

/**
 * Reads the weights of both towers. Throws {@link WrongFamilyError}, {@link WeightShapeError}, `MissingTensorError`, and
 * `UnexpectedTensorError` where a tower holds more than is read.
 */
export function readClipWeights(checkpoint: Checkpoint): { layout: Layout; weights: ClipWeights } {
  const layout = detectLayout(checkpoint);
  const taken = new Set<string>();
  const source = sourceOf(checkpoint, taken);
  const towers = layout === "hugging-face" ? huggingFaceTowers(source) : openClipTowers(source);
  const weights = { ...towers, ...scaleOf(checkpoint, source) };
  checkAllTaken(checkpoint, taken);
  return { layout, weights };
}

function detectLayout(checkpoint: Checkpoint): Layout {
  if (checkpoint.has("vision_model.embeddings.class_embedding")) return "hugging-face";
  // OpenAI's own files keep these scalars beside the weights; other writers do not.
  if (checkpoint.has("visual.class_embedding")) return checkpoint.has("input_resolution") ? "openai" : "open-clip";
  const names = checkpoint.names();
  throw new WrongFamilyError({
    what: "these are not the weights of a CLIP with a vision transformer",
    where: checkpoint.path,
    got: `${names.length} tensors such as ${names.slice(0, 3).join(", ") || "none"}`,
    expected: "visual.class_embedding (OpenAI, OpenCLIP) or vision_model.embeddings.class_embedding (Hugging Face)",
    fix: "point --model at a CLIP checkpoint; ResNet CLIPs and SigLIP are not supported",
  });
}

/** A checkpoint as a source; adds the names of what was taken to `taken`. */
function sourceOf(checkpoint: Checkpoint, taken: Set<string>): TensorSource<StoredTensor> {
  const take = (name: string, shape: readonly (number | undefined)[]): StoredTensor => {
    const stored = checkpoint.get(name);
    taken.add(name);
    const fits =
      stored.shape.length === shape.length && shape.every((n, i) => n === undefined || n === stored.shape[i]);
    if (fits && stored.shape.every((n) => n > 0)) return stored;
    throw new WeightShapeError({
      what: "a tensor does not have the shape that the model's other tensors ask for",
      where: `${checkpoint.path}: ${name}`,
      got: showShape(stored.shape),
      expected: `[${shape.map((n) => n ?? "any").join(",")}]`,
      fix: "get the checkpoint again, or check that its parts belong together",
    });
  };
  return { has: (name) => checkpoint.has(name), names: () => checkpoint.names(), take, rows: sliceRows };
}

/** A scalar, or a vector of one where OpenCLIP's `nonscalar_logit_scale` is on. */
function scaleOf(checkpoint: Checkpoint, { take }: TensorSource<StoredTensor>): Pick<ClipWeights, "logitScale"> {
  if (!checkpoint.has("logit_scale")) return {};
  const isVector = checkpoint.get("logit_scale").shape.length === 1;
  return { logitScale: take("logit_scale", isVector ? [1] : []) };
}
