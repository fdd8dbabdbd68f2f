/**
 * Where each checkpoint layout keeps the weights of CLIP.
 *
 * @file OpenAI's and OpenCLIP's files share one layout (attention's query, key and value fused in one matrix, projections
 * stored in-out), Hugging Face's `CLIPModel` is the other. Shapes are checked here, so that a graph is never built over
 * weights that do not fit.
 */
import { showShape } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { sliceRows } from "../../engine/weights/slice-rows.js";
import { WeightShapeError, WrongFamilyError } from "./errors.js";
import { checkAllTaken } from "./unexpected-tensors.js";
import type { BlockWeights, ClipWeights, Linear, Norm, TextWeights, VisionWeights } from "./weights.js";

export type Layout = "openai" | "open-clip" | "hugging-face";

type Stored = StoredTensor;
type Towers = Pick<ClipWeights, "vision" | "text">;

/**
 * Reads the weights of both towers. Throws {@link WrongFamilyError}, {@link WeightShapeError}, `MissingTensorError`, and
 * `UnexpectedTensorError` where a tower holds more than is read.
 */
export function readClipWeights(checkpoint: Checkpoint): { layout: Layout; weights: ClipWeights } {
  const layout = detectLayout(checkpoint);
  const taken = new Set<string>();
  const take = taker(checkpoint, taken);
  const towers = layout === "hugging-face" ? huggingFace(checkpoint, take) : openClip(checkpoint, take);
  const weights = { ...towers, ...scaleOf(checkpoint, take) };
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

/** Gets a tensor and checks its shape; `undefined` in `shape` lets any size pass. */
type Take = (name: string, shape: readonly (number | undefined)[]) => Stored;

function taker(checkpoint: Checkpoint, taken: Set<string>): Take {
  return (name, shape) => {
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
}

function huggingFace(checkpoint: Checkpoint, take: Take): Towers {
  const norm = normTaker(take);
  const linear = linearTaker(take);

  function readBlock(prefix: string, width: number, hidden: number): BlockWeights<Stored> {
    const attention = (name: string): Linear<Stored> => linear(`${prefix}.self_attn.${name}_proj`, width, width);
    return {
      norm1: norm(`${prefix}.layer_norm1`, width),
      q: attention("q"),
      k: attention("k"),
      v: attention("v"),
      out: attention("out"),
      norm2: norm(`${prefix}.layer_norm2`, width),
      fc1: linear(`${prefix}.mlp.fc1`, hidden, width),
      fc2: linear(`${prefix}.mlp.fc2`, width, hidden),
    };
  }

  function readBlocks(prefix: string, width: number): BlockWeights<Stored>[] {
    const hidden = take(`${prefix}.0.mlp.fc1.weight`, [undefined, width]).shape[0]!;
    return indices(checkpoint, prefix).map((i) => readBlock(`${prefix}.${i}`, width, hidden));
  }

  function vision(): VisionWeights<Stored> {
    const classEmbedding = take("vision_model.embeddings.class_embedding", [undefined]);
    const width = classEmbedding.shape[0]!;
    return {
      classEmbedding,
      patch: squarePatch(take, "vision_model.embeddings.patch_embedding.weight", width),
      position: take("vision_model.embeddings.position_embedding.weight", [undefined, width]),
      preNorm: norm("vision_model.pre_layrnorm", width),
      blocks: readBlocks("vision_model.encoder.layers", width),
      postNorm: norm("vision_model.post_layernorm", width),
      projection: { weight: take("visual_projection.weight", [undefined, width]), order: "out-in" },
    };
  }

  function text(sharedWidth: number): TextWeights<Stored> {
    const tokens = take("text_model.embeddings.token_embedding.weight", [undefined, undefined]);
    const width = tokens.shape[1]!;
    return {
      tokens,
      position: take("text_model.embeddings.position_embedding.weight", [undefined, width]),
      blocks: readBlocks("text_model.encoder.layers", width),
      finalNorm: norm("text_model.final_layer_norm", width),
      projection: { weight: take("text_projection.weight", [sharedWidth, width]), order: "out-in" },
    };
  }

  const tower = vision();
  const hasText = checkpoint.has("text_model.embeddings.token_embedding.weight");
  return {
    vision: tower,
    ...(hasText ? { text: text(tower.projection.weight.shape[0]!) } : {}),
  };
}

function openClip(checkpoint: Checkpoint, take: Take): Towers {
  const norm = normTaker(take);
  const linear = linearTaker(take);

  function readBlock(prefix: string, width: number, hidden: number, layerScale: boolean): BlockWeights<Stored> {
    const fused = take(`${prefix}.attn.in_proj_weight`, [3 * width, width]);
    const fusedBias = take(`${prefix}.attn.in_proj_bias`, [3 * width]);
    const part = (i: number): Linear<Stored> => ({
      weight: sliceRows(fused, i * width, (i + 1) * width),
      bias: sliceRows(fusedBias, i * width, (i + 1) * width),
    });
    const gamma = (name: string): Stored => take(`${prefix}.${name}.gamma`, [width]);
    return {
      norm1: norm(`${prefix}.ln_1`, width),
      q: part(0),
      k: part(1),
      v: part(2),
      out: linear(`${prefix}.attn.out_proj`, width, width),
      norm2: norm(`${prefix}.ln_2`, width),
      fc1: linear(`${prefix}.mlp.c_fc`, hidden, width),
      fc2: linear(`${prefix}.mlp.c_proj`, width, hidden),
      ...(layerScale ? { scale1: gamma("ls_1"), scale2: gamma("ls_2") } : {}),
    };
  }

  function readBlocks(prefix: string, width: number): BlockWeights<Stored>[] {
    const hidden = take(`${prefix}.0.mlp.c_fc.weight`, [undefined, width]).shape[0]!;
    // One factor means that all belong there: a lost one is then a missing tensor.
    const layerScale = checkpoint.names().some((name) => name.startsWith(prefix) && /\.ls_[12]\.gamma$/.test(name));
    return indices(checkpoint, prefix).map((i) => readBlock(`${prefix}.${i}`, width, hidden, layerScale));
  }

  function vision(): VisionWeights<Stored> {
    const classEmbedding = take("visual.class_embedding", [undefined]);
    const width = classEmbedding.shape[0]!;
    return {
      classEmbedding,
      patch: squarePatch(take, "visual.conv1.weight", width),
      position: take("visual.positional_embedding", [undefined, width]),
      preNorm: norm("visual.ln_pre", width),
      blocks: readBlocks("visual.transformer.resblocks", width),
      postNorm: norm("visual.ln_post", width),
      projection: { weight: take("visual.proj", [width, undefined]), order: "in-out" },
    };
  }

  function text(prefix: string, sharedWidth: number): TextWeights<Stored> {
    const tokens = take(`${prefix}token_embedding.weight`, [undefined, undefined]);
    const width = tokens.shape[1]!;
    return {
      tokens,
      position: take(`${prefix}positional_embedding`, [undefined, width]),
      blocks: readBlocks(`${prefix}transformer.resblocks`, width),
      finalNorm: norm(`${prefix}ln_final`, width),
      projection: { weight: take(`${prefix}text_projection`, [width, sharedWidth]), order: "in-out" },
    };
  }

  const tower = vision();
  // OpenCLIP's CustomTextCLIP keeps the text tower under "text.".
  const prefix = ["", "text."].find((candidate) => checkpoint.has(`${candidate}token_embedding.weight`));
  const hasText = prefix !== undefined;
  return {
    vision: tower,
    ...(hasText ? { text: text(prefix, tower.projection.weight.shape[1]!) } : {}),
  };
}

/** A scalar, or a vector of one where OpenCLIP's `nonscalar_logit_scale` is on. */
function scaleOf(checkpoint: Checkpoint, take: Take): Pick<ClipWeights, "logitScale"> {
  if (!checkpoint.has("logit_scale")) return {};
  const isVector = checkpoint.get("logit_scale").shape.length === 1;
  return { logitScale: take("logit_scale", isVector ? [1] : []) };
}

function squarePatch(take: Take, name: string, width: number): Stored {
  const size = take(name, [width, 3, undefined, undefined]).shape[2];
  return take(name, [width, 3, size, size]);
}

function normTaker(take: Take): (name: string, width: number) => Norm<Stored> {
  return (name, width) => ({ gamma: take(`${name}.weight`, [width]), beta: take(`${name}.bias`, [width]) });
}

function linearTaker(take: Take): (name: string, out: number, width: number) => Linear<Stored> {
  return (name, out, width) => ({ weight: take(`${name}.weight`, [out, width]), bias: take(`${name}.bias`, [out]) });
}

/** 0 … L-1 for the L blocks under `prefix`: the largest index decides, so a hole in between is a missing tensor. */
function indices(checkpoint: Checkpoint, prefix: string): number[] {
  let count = 0;
  for (const name of checkpoint.names()) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const index = Number.parseInt(name.slice(prefix.length + 1), 10);
    if (index < MAX_BLOCKS) count = Math.max(count, index + 1);
  }
  return Array.from({ length: count }, (_, i) => i);
}

/** Deeper than any CLIP; a bound against hostile names. */
const MAX_BLOCKS = 1024;
