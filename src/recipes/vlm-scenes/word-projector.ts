/**
 * A projector that speaks in words: for each image token it tells shares of words, and the token is so much of their embeddings.
 *
 * @file A projector that is trained to be understood finds other ways to be: directions that no word has, which no erasure of words reaches, and
 * tokens many times as long as what the language model learnt to read. A sum of words is a linear map of shares, so that the whole is
 * LLaVA's projector still ({@link asProjector}).
 */
import { gelu, relu, sqrt, square } from "../../engine/graph/ops/unary.js";
import { add, sub } from "../../engine/graph/ops/arithmetic.js";
import { linear } from "../../engine/graph/ops/matmul.js";
import { mean, sum } from "../../engine/graph/ops/reduce.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { normal, zeros } from "../../engine/train/initialise.js";
import type { ParameterDeclaration } from "../../engine/train/parameters.js";
import { SHARE_LENGTHS } from "./settings.js";

/** As LLaVA's, and the map from the hidden layer to shares. */
const HIDDEN = "model.mm_projector.0";
const SHARES = "word_shares";
/** Times the usual deviation: what starts with large shares of all words never comes to few. */
const START = 0.1;
/** A root has no slope at 0. */
const EPSILON = 1e-6;

export interface ProjectorSizes {
  readonly towerWidth: number;
  readonly width: number;
  readonly words: number;
}

export function wordProjectorDeclarations({ towerWidth, width, words }: ProjectorSizes): ParameterDeclaration[] {
  return [
    { name: `${HIDDEN}.weight`, shape: [width, towerWidth], initialise: normal(1 / Math.sqrt(towerWidth)) },
    { name: `${HIDDEN}.bias`, shape: [width], initialise: zeros },
    { name: `${SHARES}.weight`, shape: [words, width], initialise: normal(START / Math.sqrt(width)) },
    { name: `${SHARES}.bias`, shape: [words], initialise: zeros },
  ];
}

/** Shares [B,P,W] of the tower's tokens [B,P,width]. */
export function wordShares(seen: Value, weight: (name: string) => Value): Value {
  const hidden = gelu(linear(seen, weight(`${HIDDEN}.weight`), weight(`${HIDDEN}.bias`)));
  return linear(hidden, weight(`${SHARES}.weight`), weight(`${SHARES}.bias`));
}

/** The mean over tokens of the square of how far they are, as vectors of shares, from the lengths that the language model learnt to read. */
export function strangeness(shares: Value): Value {
  const [least, most] = SHARE_LENGTHS;
  const length = sqrt(add(sum(square(shares), [2]), EPSILON));
  return mean(square(add(relu(sub(length, most)), relu(sub(least, length)))));
}

/** LLaVA's projector of a trained one, where words have these embeddings [W,D]. */
export function asProjector(
  tensor: (name: string) => FloatTensor,
  embeddings: FloatTensor,
): Record<`model.mm_projector.${"0" | "2"}.${"weight" | "bias"}`, FloatTensor> {
  const [words, width] = embeddings.shape as [number, number];
  const weights = tensor(`${SHARES}.weight`);
  const hidden = weights.shape[1]!;
  const mixed = (shares: Float32Array, columns: number): Float32Array => {
    const out = new Float32Array(width * columns);
    for (let word = 0; word < words; word++) {
      for (let row = 0; row < width; row++) {
        const embedding = embeddings.data[word * width + row]!;
        for (let i = 0; i < columns; i++) out[row * columns + i]! += embedding * shares[word * columns + i]!;
      }
    }
    return out;
  };
  return {
    "model.mm_projector.0.weight": tensor(`${HIDDEN}.weight`),
    "model.mm_projector.0.bias": tensor(`${HIDDEN}.bias`),
    "model.mm_projector.2.weight": floatTensor(mixed(weights.data, hidden), [width, hidden]),
    "model.mm_projector.2.bias": floatTensor(mixed(tensor(`${SHARES}.bias`).data, 1), [width]),
  };
}
