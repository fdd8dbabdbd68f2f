/** The tensors of a CLIP in OpenCLIP's layout: names, shapes, and what each is for. */
import type { Shape } from "../../engine/tensor/shape.js";
import type { Architecture, TowerSizes } from "./architectures.js";

export interface LayoutTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly role: "embedding" | "position" | "matrix" | "bias" | "gain" | "offset" | "projection" | "scale";
}

export interface TextSizes {
  readonly vocabulary: number;
  readonly contextLength: number;
}

export function visionTensors({ vision, features }: Architecture): LayoutTensor[] {
  const { width, patchSize, imageSize } = vision;
  const tokens = (imageSize / patchSize) ** 2 + 1;
  return [
    { name: "visual.class_embedding", shape: [width], role: "embedding" },
    { name: "visual.positional_embedding", shape: [tokens, width], role: "position" },
    matrix("visual.conv1.weight", [width, 3, patchSize, patchSize]),
    ...norm("visual.ln_pre", width),
    ...blocks("visual.transformer.resblocks", vision),
    ...norm("visual.ln_post", width),
    { name: "visual.proj", shape: [width, features], role: "projection" },
  ];
}

/** The text tower and the scale of the logits. */
export function textTensors(
  { text, features }: Architecture,
  { vocabulary, contextLength }: TextSizes,
): LayoutTensor[] {
  const { width } = text;
  return [
    { name: "token_embedding.weight", shape: [vocabulary, width], role: "embedding" },
    { name: "positional_embedding", shape: [contextLength, width], role: "position" },
    ...blocks("transformer.resblocks", text),
    ...norm("ln_final", width),
    { name: "text_projection", shape: [width, features], role: "projection" },
    { name: "logit_scale", shape: [], role: "scale" },
  ];
}

function blocks(prefix: string, { layers, width, hidden }: TowerSizes): LayoutTensor[] {
  return Array.from({ length: layers }, (_, layer) => {
    const at = (name: string): string => `${prefix}.${layer}.${name}`;
    return [
      ...norm(at("ln_1"), width),
      matrix(at("attn.in_proj_weight"), [3 * width, width]),
      bias(at("attn.in_proj_bias"), 3 * width),
      matrix(at("attn.out_proj.weight"), [width, width]),
      bias(at("attn.out_proj.bias"), width),
      ...norm(at("ln_2"), width),
      matrix(at("mlp.c_fc.weight"), [hidden, width]),
      bias(at("mlp.c_fc.bias"), hidden),
      matrix(at("mlp.c_proj.weight"), [width, hidden]),
      bias(at("mlp.c_proj.bias"), width),
    ];
  }).flat();
}

/** [out, …]. */
function matrix(name: string, shape: Shape): LayoutTensor {
  return { name, shape, role: "matrix" };
}

function bias(name: string, width: number): LayoutTensor {
  return { name, shape: [width], role: "bias" };
}

function norm(name: string, width: number): LayoutTensor[] {
  return [
    { name: `${name}.weight`, shape: [width], role: "gain" },
    { name: `${name}.bias`, shape: [width], role: "offset" },
  ];
}
