/**
 * Where Hugging Face's `ViTModel`, `Dinov2Model` and `Dinov2WithRegistersModel` keep their weights.
 *
 * @file A classifier's files have the same names under `vit.` or `dinov2.`.
 */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { blockIndices, squarePatch, takeLinear, takeNorm, takeRows, type TensorSource } from "../clip/tensor-source.js";
import type { BlockWeights, Linear, Norm, StoredVisionWeights } from "../clip/weights.js";

type Source = TensorSource<StoredTensor>;

const PREFIXES = ["", "vit.", "dinov2.", "dinov2_with_registers."];
const MARK = "embeddings.cls_token";

/** What stands before the names of the tower's tensors; undefined where this is another layout. */
export function vitPrefix(has: (name: string) => boolean): string | undefined {
  return PREFIXES.find((prefix) => has(prefix + MARK));
}

/** Whether the tower is DINOv2's: its blocks have other names than `ViTModel`'s. */
export function isDinov2(has: (name: string) => boolean, prefix: string): boolean {
  return has(`${prefix}encoder.layer.0.norm1.weight`);
}

export function huggingFaceVit(source: Source, prefix: string): StoredVisionWeights {
  const { has } = source;
  const dinov2 = isDinov2(has, prefix);
  const embeddings = `${prefix}embeddings`;
  const classEmbedding = takeRows(source, `${embeddings}.cls_token`, undefined);
  const width = classEmbedding.shape[1]!;
  const patches = `${embeddings}.patch_embeddings.projection`;
  const registers = `${embeddings}.register_tokens`;
  const layers = `${prefix}encoder.layer`;
  return {
    classEmbedding,
    ...(has(registers) ? { registers: takeRows(source, registers, width) } : {}),
    patch: squarePatch(source, `${patches}.weight`, width),
    patchBias: source.take(`${patches}.bias`, [width]),
    position: takeRows(source, `${embeddings}.position_embeddings`, width),
    blocks: blockIndices(source, layers).map((i) => readBlock(source, `${layers}.${i}`, width, dinov2)),
    postNorm: takeNorm(source, `${prefix}layernorm`, width),
  };
}

function readBlock(source: Source, at: string, width: number, dinov2: boolean): BlockWeights<StoredTensor> {
  const norm = (name: string): Norm<StoredTensor> => takeNorm(source, `${at}.${name}`, width);
  const square = (name: string): Linear<StoredTensor> => takeLinear(source, `${at}.${name}`, width, width);
  const scale = (i: number): StoredTensor => source.take(`${at}.layer_scale${i}.lambda1`, [width]);
  return {
    norm1: norm(dinov2 ? "norm1" : "layernorm_before"),
    q: square("attention.attention.query"),
    k: square("attention.attention.key"),
    v: square("attention.attention.value"),
    out: square("attention.output.dense"),
    norm2: norm(dinov2 ? "norm2" : "layernorm_after"),
    ...readMlp(source, at, width, dinov2),
    ...(dinov2 ? { scale1: scale(1), scale2: scale(2) } : {}),
  };
}

type MlpWeights = Pick<BlockWeights<StoredTensor>, "fc1" | "fc1Linear" | "fc2">;

function readMlp(source: Source, at: string, width: number, dinov2: boolean): MlpWeights {
  if (source.has(`${at}.mlp.weights_in.weight`)) {
    return gatedMlp(source, `${at}.mlp.weights_in`, `${at}.mlp.weights_out`, width);
  }
  const [first, second] = dinov2 ? ["mlp.fc1", "mlp.fc2"] : ["intermediate.dense", "output.dense"];
  return plainMlp(source, `${at}.${first}`, `${at}.${second}`, width);
}

export function plainMlp(source: Source, first: string, second: string, width: number): MlpWeights {
  const hidden = source.take(`${first}.weight`, [undefined, width]).shape[0]!;
  return { fc1: takeLinear(source, first, hidden, width), fc2: takeLinear(source, second, width, hidden) };
}

/** SwiGLU: the first half of the rows of the first layer is activated, the second is what it is multiplied by. */
export function gatedMlp(source: Source, first: string, second: string, width: number): MlpWeights {
  const hidden = source.take(`${second}.weight`, [width, undefined]).shape[1]!;
  const { weight, bias } = takeLinear(source, first, 2 * hidden, width);
  const half = (i: number): Linear<StoredTensor> => ({
    weight: source.rows(weight, i * hidden, (i + 1) * hidden),
    bias: source.rows(bias, i * hidden, (i + 1) * hidden),
  });
  return { fc1: half(0), fc1Linear: half(1), fc2: takeLinear(source, second, width, hidden) };
}
