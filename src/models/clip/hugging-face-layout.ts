/** Where Hugging Face's `CLIPModel` keeps the weights of the towers. */
import { blockIndices, type Shaped, squarePatch, takeLinear, takeNorm, type TensorSource } from "./tensor-source.js";
import type { BlockWeights, Linear, Norm, TextWeights, TowerWeights, VisionWeights } from "./weights.js";

type UnprojectedVision<T> = Omit<VisionWeights<T>, "projection"> & Partial<Pick<VisionWeights<T>, "projection">>;

export function huggingFaceTowers<T extends Shaped>(
  source: TensorSource<T>,
): Omit<TowerWeights<T>, "vision"> & { readonly vision: UnprojectedVision<T> } {
  const { take } = source;
  const norm = (name: string, width: number): Norm<T> => takeNorm(source, name, width);
  const linear = (name: string, out: number, width: number): Linear<T> => takeLinear(source, name, out, width);

  function readBlock(prefix: string, width: number, hidden: number): BlockWeights<T> {
    const attention = (name: string): Linear<T> => linear(`${prefix}.self_attn.${name}_proj`, width, width);
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

  function readBlocks(prefix: string, width: number): BlockWeights<T>[] {
    const hidden = take(`${prefix}.0.mlp.fc1.weight`, [undefined, width]).shape[0]!;
    return blockIndices(source, prefix).map((i) => readBlock(`${prefix}.${i}`, width, hidden));
  }

  function vision(): UnprojectedVision<T> {
    const classEmbedding = take("vision_model.embeddings.class_embedding", [undefined]);
    const width = classEmbedding.shape[0]!;
    return {
      classEmbedding,
      patch: squarePatch(source, "vision_model.embeddings.patch_embedding.weight", width),
      position: take("vision_model.embeddings.position_embedding.weight", [undefined, width]),
      preNorm: norm("vision_model.pre_layrnorm", width),
      blocks: readBlocks("vision_model.encoder.layers", width),
      postNorm: norm("vision_model.post_layernorm", width),
      // A tower by itself, as in vision-language models, has none.
      ...(source.has("visual_projection.weight")
        ? { projection: { weight: take("visual_projection.weight", [undefined, width]), order: "out-in" as const } }
        : {}),
    };
  }

  function text(sharedWidth: number | undefined): TextWeights<T> {
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
  const hasText = source.has("text_model.embeddings.token_embedding.weight");
  return {
    vision: tower,
    ...(hasText ? { text: text(tower.projection?.weight.shape[0]) } : {}),
  };
}
