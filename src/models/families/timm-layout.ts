/**
 * Where the original releases of DINO and DINOv2, and timm, keep the weights of vision transformers: query, key and value fused
 * in one matrix.
 */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { blockIndices, squarePatch, takeLinear, takeNorm, takeRows, type TensorSource } from "../clip/tensor-source.js";
import type { BlockWeights, Linear, StoredVisionWeights } from "../clip/weights.js";
import { gatedMlp, plainMlp } from "./hugging-face-vit-layout.js";

type Source = TensorSource<StoredTensor>;

const LAYER_SCALE = /^blocks\.\d+\.ls[12]\.gamma$/;

export function isTimm(has: (name: string) => boolean): boolean {
  return has("cls_token") && has("patch_embed.proj.weight");
}

/** Whether the tower is of DINOv2's kind, which scales what its blocks write. */
export function hasLayerScale(names: readonly string[]): boolean {
  return names.some((name) => LAYER_SCALE.test(name));
}

export function timmVit(source: Source): StoredVisionWeights {
  const classEmbedding = takeRows(source, "cls_token", undefined);
  const width = classEmbedding.shape[1]!;
  // DINOv2's name for them, and timm's.
  const registers = ["register_tokens", "reg_token"].find((name) => source.has(name));
  const layerScale = hasLayerScale(source.names());
  return {
    classEmbedding,
    ...(registers === undefined ? {} : { registers: takeRows(source, registers, width) }),
    patch: squarePatch(source, "patch_embed.proj.weight", width),
    patchBias: source.take("patch_embed.proj.bias", [width]),
    position: takeRows(source, "pos_embed", width),
    blocks: blockIndices(source, "blocks").map((i) => readBlock(source, `blocks.${i}`, width, layerScale)),
    postNorm: takeNorm(source, "norm", width),
  };
}

function readBlock(source: Source, at: string, width: number, layerScale: boolean): BlockWeights<StoredTensor> {
  const { weight, bias } = takeLinear(source, `${at}.attn.qkv`, 3 * width, width);
  const part = (i: number): Linear<StoredTensor> => ({
    weight: source.rows(weight, i * width, (i + 1) * width),
    bias: source.rows(bias, i * width, (i + 1) * width),
  });
  const scale = (i: number): StoredTensor => source.take(`${at}.ls${i}.gamma`, [width]);
  return {
    norm1: takeNorm(source, `${at}.norm1`, width),
    q: part(0),
    k: part(1),
    v: part(2),
    out: takeLinear(source, `${at}.attn.proj`, width, width),
    norm2: takeNorm(source, `${at}.norm2`, width),
    ...(source.has(`${at}.mlp.w12.weight`)
      ? gatedMlp(source, `${at}.mlp.w12`, `${at}.mlp.w3`, width)
      : plainMlp(source, `${at}.mlp.fc1`, `${at}.mlp.fc2`, width)),
    ...(layerScale ? { scale1: scale(1), scale2: scale(2) } : {}),
  };
}
