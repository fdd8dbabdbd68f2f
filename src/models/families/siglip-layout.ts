/** Where Hugging Face's `SiglipModel` keeps the weights of the towers. */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { blockIndices, squarePatch, takeLinear, takeNorm, takeRows, type TensorSource } from "../clip/tensor-source.js";
import type {
  BlockWeights,
  ClipWeights,
  Linear,
  PoolWeights,
  StoredVisionWeights,
  TextWeights,
} from "../clip/weights.js";
import { plainMlp } from "./hugging-face-vit-layout.js";

type Source = TensorSource<StoredTensor>;

/** Towers within vision-language models may have been stored without their pooling head. */
export function isSiglip(has: (name: string) => boolean): boolean {
  return has("vision_model.head.probe") || isHeadless(has);
}

function isHeadless(has: (name: string) => boolean): boolean {
  const names = ["embeddings.patch_embedding.bias", "embeddings.position_embedding.weight", "post_layernorm.weight"];
  return names.every((name) => has(`vision_model.${name}`)) && !has("vision_model.head.probe");
}

export function siglipTowers(source: Source): Pick<ClipWeights, "vision" | "text"> {
  const hasText = source.has("text_model.embeddings.token_embedding.weight");
  const tower = vision(source);
  return { vision: tower, ...(hasText ? { text: text(source, tower.postNorm.gamma.shape[0]!) } : {}) };
}

function vision(source: Source): StoredVisionWeights {
  const patchBias = source.take("vision_model.embeddings.patch_embedding.bias", [undefined]);
  const width = patchBias.shape[0]!;
  return {
    patch: squarePatch(source, "vision_model.embeddings.patch_embedding.weight", width),
    patchBias,
    position: source.take("vision_model.embeddings.position_embedding.weight", [undefined, width]),
    blocks: readBlocks(source, "vision_model.encoder.layers", width),
    postNorm: takeNorm(source, "vision_model.post_layernorm", width),
    ...(isHeadless(source.has) ? {} : { pool: readPool(source, "vision_model.head", width) }),
  };
}

function readPool(source: Source, at: string, width: number): PoolWeights<StoredTensor> {
  const weight = source.take(`${at}.attention.in_proj_weight`, [3 * width, width]);
  const bias = source.take(`${at}.attention.in_proj_bias`, [3 * width]);
  const part = (i: number): Linear<StoredTensor> => ({
    weight: source.rows(weight, i * width, (i + 1) * width),
    bias: source.rows(bias, i * width, (i + 1) * width),
  });
  return {
    probe: takeRows(source, `${at}.probe`, width),
    q: part(0),
    k: part(1),
    v: part(2),
    out: takeLinear(source, `${at}.attention.out_proj`, width, width),
    norm: takeNorm(source, `${at}.layernorm`, width),
    ...plainMlp(source, `${at}.mlp.fc1`, `${at}.mlp.fc2`, width),
  };
}

function text(source: Source, features: number): TextWeights<StoredTensor> {
  const tokens = source.take("text_model.embeddings.token_embedding.weight", [undefined, undefined]);
  const width = tokens.shape[1]!;
  return {
    tokens,
    position: source.take("text_model.embeddings.position_embedding.weight", [undefined, width]),
    blocks: readBlocks(source, "text_model.encoder.layers", width),
    finalNorm: takeNorm(source, "text_model.final_layer_norm", width),
    projection: { ...takeLinear(source, "text_model.head", features, width), order: "out-in" },
  };
}

function readBlocks(source: Source, prefix: string, width: number): BlockWeights<StoredTensor>[] {
  return blockIndices(source, prefix).map((i) => {
    const at = `${prefix}.${i}`;
    const attention = (name: string): Linear<StoredTensor> =>
      takeLinear(source, `${at}.self_attn.${name}_proj`, width, width);
    return {
      norm1: takeNorm(source, `${at}.layer_norm1`, width),
      q: attention("q"),
      k: attention("k"),
      v: attention("v"),
      out: attention("out"),
      norm2: takeNorm(source, `${at}.layer_norm2`, width),
      ...plainMlp(source, `${at}.mlp.fc1`, `${at}.mlp.fc2`, width),
    };
  });
}
