/** Matrices of a checkpoint whose weights are stored in 4 or 8 bits. */
import type { QuantisedMatrix } from "../../engine/graph/ops/quantised-linear.js";
import { blockBytes, type Quantisation, QUANTISED_BITS, QUANTISED_BLOCKS } from "../../engine/tensor/quantise.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { TensorSource } from "../clip/tensor-source.js";
import { isStored } from "../clip/weights.js";

/** Names of what stands in a checkpoint for the matrix `name`. */
export function quantisedNames(
  name: string,
  bits: Quantisation["bits"],
): { readonly packed: string; readonly scales: string } {
  return { packed: `${name}.q${bits}`, scales: `${name}.q${bits}_scales` };
}

/** The matrix [out, width] of this name, where it is quantised. Throws `WeightShapeError`, `MissingTensorError`. */
export function takeQuantised<T>(
  { has, take }: TensorSource<T>,
  name: string,
  out: number,
  width: number,
): QuantisedMatrix | undefined {
  const bits = QUANTISED_BITS.find((some) => has(quantisedNames(name, some).packed));
  if (bits === undefined) return undefined;
  const names = quantisedNames(name, bits);
  // Only checkpoints hold such matrices: what is trained is not quantised.
  const bytes = (take(names.packed, [out, undefined, undefined]) as StoredTensor).shape[2];
  const block = QUANTISED_BLOCKS.find((some) => blockBytes({ bits, block: some }) === bytes) ?? QUANTISED_BLOCKS[0];
  const blocks = Math.ceil(width / block);
  return {
    bits,
    block,
    shape: [out, width],
    packed: take(names.packed, [out, blocks, blockBytes({ bits, block })]) as StoredTensor,
    scales: take(names.scales, [out, blocks]) as StoredTensor,
  };
}

export function isQuantised(node: unknown): node is QuantisedMatrix {
  return typeof node === "object" && node !== null && "packed" in node && "scales" in node;
}

/** A tensor, or a quantised matrix of them: what the weights of a language model are made of. */
export type LanguageLeaf = StoredTensor | QuantisedMatrix;

export function isLanguageLeaf(node: unknown): node is LanguageLeaf {
  return isStored(node) || isQuantised(node);
}
