/**
 * Where OpenAI's and OpenCLIP's files keep the weights of the towers: attention's query, key and value fused in one matrix,
 * projections stored in-out.
 */
import { blockIndices, type Shaped, squarePatch, takeLinear, takeNorm, type TensorSource } from "./tensor-source.js";
import type { BlockWeights, Linear, Norm, TextWeights, TowerWeights, VisionWeights } from "./weights.js";

export function openClipTowers<T extends Shaped>(source: TensorSource<T>): TowerWeights<T> {
  const { take, rows } = source;
  const norm = (name: string, width: number): Norm<T> => takeNorm(source, name, width);
  const linear = (name: string, out: number, width: number): Linear<T> => takeLinear(source, name, out, width);

  function readBlock(prefix: string, width: number, hidden: number, layerScale: boolean): BlockWeights<T> {
    const fused = take(`${prefix}.attn.in_proj_weight`, [3 * width, width]);
    const fusedBias = take(`${prefix}.attn.in_proj_bias`, [3 * width]);
    const part = (i: number): Linear<T> => ({
      weight: rows(fused, i * width, (i + 1) * width),
      bias: rows(fusedBias, i * width, (i + 1) * width),
    });
    const gamma = (name: string): T => take(`${prefix}.${name}.gamma`, [width]);
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

  function readBlocks(prefix: string, width: number): BlockWeights<T>[] {
    const hidden = take(`${prefix}.0.mlp.c_fc.weight`, [undefined, width]).shape[0]!;
    // One factor means that all belong there: a lost one is then a missing tensor.
    const layerScale = source.names().some((name) => name.startsWith(prefix) && /\.ls_[12]\.gamma$/.test(name));
    return blockIndices(source, prefix).map((i) => readBlock(`${prefix}.${i}`, width, hidden, layerScale));
  }

  function vision(): VisionWeights<T> {
    const classEmbedding = take("visual.class_embedding", [undefined]);
    const width = classEmbedding.shape[0]!;
    return {
      classEmbedding,
      patch: squarePatch(source, "visual.conv1.weight", width),
      position: take("visual.positional_embedding", [undefined, width]),
      preNorm: norm("visual.ln_pre", width),
      blocks: readBlocks("visual.transformer.resblocks", width),
      postNorm: norm("visual.ln_post", width),
      projection: { weight: take("visual.proj", [width, undefined]), order: "in-out" },
    };
  }

  function text(prefix: string, sharedWidth: number): TextWeights<T> {
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
  const prefix = ["", "text."].find((candidate) => source.has(`${candidate}token_embedding.weight`));
  const hasText = prefix !== undefined;
  return {
    vision: tower,
    ...(hasText ? { text: text(prefix, tower.projection.weight.shape[1]!) } : {}),
  };
}
