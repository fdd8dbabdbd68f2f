/** Where Hugging Face's InstructBLIP keeps the weights of its Q-Former. */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { blockIndices, takeLinear, takeNorm, takeRows, type TensorSource } from "../clip/tensor-source.js";
import type { NormedAttention, NormedMlp, QueryBlockWeights, QueryFormerWeights } from "./query-former.js";

type Source = TensorSource<StoredTensor>;

export const QUERIES = "query_tokens";
export const PROJECTION = "language_projection";
const LAYERS = "qformer.encoder.layer";

/** Whether this is one, be it whole or not. */
export function hasQueryFormer({ has, names }: Pick<Source, "has" | "names">): boolean {
  return has(QUERIES) || has(`${PROJECTION}.weight`) || names().some((name) => name.startsWith("qformer."));
}

/** Throws `MissingTensorError`, `WeightShapeError`. */
export function queryFormerWeights(
  source: Source,
  towerWidth: number,
  languageWidth: number,
): QueryFormerWeights<StoredTensor> {
  const queries = takeRows(source, QUERIES, undefined);
  const width = queries.shape[1]!;
  return {
    queries,
    words: source.take("qformer.embeddings.word_embeddings.weight", [undefined, width]),
    position: source.take("qformer.embeddings.position_embeddings.weight", [undefined, width]),
    norm: takeNorm(source, "qformer.embeddings.layernorm", width),
    blocks: blockIndices(source, LAYERS).map((i) => readBlock(source, `${LAYERS}.${i}`, width, towerWidth)),
    projection: takeLinear(source, PROJECTION, languageWidth, width),
  };
}

function readBlock(source: Source, at: string, width: number, towerWidth: number): QueryBlockWeights<StoredTensor> {
  const attention = (name: string, from: number): NormedAttention<StoredTensor> => ({
    q: takeLinear(source, `${name}.attention.query`, width, width),
    k: takeLinear(source, `${name}.attention.key`, width, from),
    v: takeLinear(source, `${name}.attention.value`, width, from),
    out: takeLinear(source, `${name}.output.dense`, width, width),
    norm: takeNorm(source, `${name}.output.LayerNorm`, width),
  });
  const mlp = (suffix: string): NormedMlp<StoredTensor> => {
    const first = `${at}.intermediate${suffix}.dense`;
    const hidden = source.take(`${first}.weight`, [undefined, width]).shape[0]!;
    return {
      fc1: takeLinear(source, first, hidden, width),
      fc2: takeLinear(source, `${at}.output${suffix}.dense`, width, hidden),
      norm: takeNorm(source, `${at}.output${suffix}.LayerNorm`, width),
    };
  };
  const cross = `${at}.crossattention`;
  return {
    self: attention(`${at}.attention`, width),
    ...(source.has(`${cross}.attention.query.weight`) ? { cross: attention(cross, towerWidth) } : {}),
    queryMlp: mlp("_query"),
    textMlp: mlp(""),
  };
}
