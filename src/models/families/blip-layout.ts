/** Where Hugging Face's BLIP-2 and InstructBLIP keep the weights of their vision tower, EVA's ViT-g. */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { blockIndices, squarePatch, takeLinear, takeNorm, takeRows, type TensorSource } from "../clip/tensor-source.js";
import type { BlockWeights, Linear, StoredVisionWeights } from "../clip/weights.js";
import { plainMlp } from "./hugging-face-vit-layout.js";

type Source = TensorSource<StoredTensor>;

/** Of the tower alone: its names without `vision_model.`. */
export function isBlipTower(has: (name: string) => boolean): boolean {
  return has("embeddings.class_embedding") && has("encoder.layers.0.self_attn.qkv.weight");
}

export function blipTower(source: Source): StoredVisionWeights {
  const classEmbedding = takeRows(source, "embeddings.class_embedding", undefined);
  const width = classEmbedding.shape[1]!;
  return {
    classEmbedding,
    patch: squarePatch(source, "embeddings.patch_embedding.weight", width),
    patchBias: source.take("embeddings.patch_embedding.bias", [width]),
    position: takeRows(source, "embeddings.position_embedding", width),
    blocks: blockIndices(source, "encoder.layers").map((i) => readBlock(source, `encoder.layers.${i}`, width)),
    postNorm: takeNorm(source, "post_layernorm", width),
  };
}

function readBlock(source: Source, at: string, width: number): BlockWeights<StoredTensor> {
  // Queries, keys and values lie one below the other; what is learnt of the biases of keys is nothing: they are zeros.
  const { weight, bias } = takeLinear(source, `${at}.self_attn.qkv`, 3 * width, width);
  const part = (i: number): Linear<StoredTensor> => ({
    weight: source.rows(weight, i * width, (i + 1) * width),
    bias: source.rows(bias, i * width, (i + 1) * width),
  });
  return {
    norm1: takeNorm(source, `${at}.layer_norm1`, width),
    q: part(0),
    k: part(1),
    v: part(2),
    out: takeLinear(source, `${at}.self_attn.projection`, width, width),
    norm2: takeNorm(source, `${at}.layer_norm2`, width),
    ...plainMlp(source, `${at}.mlp.fc1`, `${at}.mlp.fc2`, width),
  };
}
