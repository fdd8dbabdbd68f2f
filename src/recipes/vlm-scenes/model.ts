/** The model in training: a projector and a language model that say what a tower, which stays as it is, sees. */
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { gather, gatherLast } from "../../engine/graph/ops/indexing.js";
import { constant, input } from "../../engine/graph/ops/leaves.js";
import { logSoftmax } from "../../engine/graph/ops/normalise.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { concat, reshape, slice } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { pickRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, intTensor } from "../../engine/tensor/tensor.js";
import { from, type Initialiser, normal, ones } from "../../engine/train/initialise.js";
import type { MatrixGroup } from "../../engine/train/optimisers.js";
import { type ParameterDeclaration, Parameters } from "../../engine/train/parameters.js";
import type { LayoutTensor } from "../../models/clip/open-clip-tensors.js";
import type { LanguageConfig } from "../../models/language/config.js";
import { languageLogits, languageModel } from "../../models/language/graph.js";
import { type LanguageNames, languageWeights } from "../../models/language/layout.js";
import { rotaryValues } from "../../models/language/rotary.js";
import type { LanguageWeights } from "../../models/language/weights.js";
import { languageTensors } from "../../models/vlm/llava-tensors.js";
import { PATCHES } from "./patch-words.js";
import { CAPTION_LENGTH, STRANGENESS_WEIGHT, TEXT_LENGTH } from "./settings.js";
import { asProjector, strangeness, wordProjectorDeclarations, wordShares } from "./word-projector.js";

export interface Sizes {
  /** What the tower gives: tokens a picture, and their width. */
  readonly imageTokens: number;
  readonly towerWidth: number;
  readonly language: LanguageConfig;
  /** Tokens of `PATCH_WORDS`. */
  readonly words: readonly number[];
}

const NAMES: LanguageNames = { prefix: "model.", head: "lm_head.weight" };
const EMBEDDING = "model.embed_tokens.weight";

/** The blocks' matrices, by their names there: what Muon is for. */
export const LANGUAGE_MATRICES: readonly MatrixGroup[] = [{ match: /\.layers\.\d+\..*_proj\.weight$/ }];

/**
 * Of the language model alone, under the names of LLaVA's original checkpoints; new, or as another's are. The map to the vocabulary is the
 * embedding: what a word is read as, and what it is said by, are one.
 */
export function languageParameters({ language }: Sizes, seed: number, start?: Parameters): Parameters {
  const tensors = languageTensors(language, NAMES).filter(({ name }) => name !== NAMES.head);
  const declarations = tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    trainable: tensor.name !== EMBEDDING,
    initialise: start === undefined ? startOf(tensor, language.layers) : from(start.tensor(tensor.name)),
  }));
  return new Parameters(declarations, { seed });
}

/** Of a projector to train, and of the language model, which stays as it is. */
export function projectorParameters(sizes: Sizes, language: Parameters, seed: number): Parameters {
  const projector = wordProjectorDeclarations({
    towerWidth: sizes.towerWidth,
    width: sizes.language.width,
    words: sizes.words.length,
  });
  return new Parameters([...kept(language), ...projector], { seed });
}

/** All of a model under LLaVA's names, of what {@link projectorParameters} became. */
export function llavaParameters({ words }: Sizes, language: Parameters, trained: Parameters): Parameters {
  const projector = asProjector((name) => trained.tensor(name), pickRows(language.tensor(EMBEDDING), words));
  const declarations = Object.entries(projector).map(([name, tensor]) => copyOf(name, tensor));
  return new Parameters([...kept(language), ...declarations], { seed: 0 });
}

const kept = (parameters: Parameters): ParameterDeclaration[] =>
  parameters.names.map((name) => ({ ...copyOf(name, parameters.tensor(name)), trainable: false }));

const copyOf = (name: string, tensor: FloatTensor): ParameterDeclaration => ({
  name,
  shape: tensor.shape,
  initialise: from(tensor),
});

/** What writes to the stream starts smaller the more blocks write to it, as in GPT-2. */
function startOf({ name, shape, role }: LayoutTensor, layers: number): Initialiser {
  if (role === "embedding") return normal(0.2);
  if (role === "gain") return ones;
  const writes = name.endsWith(".o_proj.weight") || name.endsWith(".down_proj.weight");
  return normal((writes ? 1 / Math.sqrt(2 * layers) : 1) / Math.sqrt(shape[1]!));
}

/** The share of texts without a scene in the loss on words. */
const TEXT_SHARE = 0.25;

/** On words alone; inputs as `textRows` gives them. */
export function languageLoss(parameters: Parameters, { language, words }: Sizes, batch: number): Value {
  const weights = languageOf(parameters, language);
  const shares = input("shares", [batch, PATCHES, words.length]);
  const noise = input("noise", [batch, PATCHES, language.width]);
  const read = add(inWords(shares, weights, words), noise);
  return add(
    lossOf("said", CAPTION_LENGTH, weights, language, read),
    mul(lossOf("text", TEXT_LENGTH, weights, language, undefined, batch / 2), TEXT_SHARE),
  );
}

/** On pictures; inputs as `pictureRows` gives them. */
export function captionLoss(parameters: Parameters, sizes: Sizes, batch: number): Value {
  const { imageTokens, towerWidth, language, words } = sizes;
  const weights = languageOf(parameters, language);
  const shares = wordShares(input("seen", [batch, imageTokens, towerWidth]), (name) => parameters.value(name));
  const part = input("part", [batch, imageTokens, 1]);
  return add(
    lossOf("said", CAPTION_LENGTH, weights, language, inWords(mul(shares, part), weights, words)),
    mul(strangeness(shares), STRANGENESS_WEIGHT),
  );
}

/** What stands in a picture's place [B,P,D], where each place has shares [B,P,W] of words. */
function inWords(shares: Value, weights: LanguageWeights<Value>, words: readonly number[]): Value {
  return matmul(shares, gather(weights.tokens, constant(intTensor(Int32Array.from(words), [words.length]))));
}

/** The mean cross-entropy of what is to be said, over the words of a batch, after image tokens [B,P,D] where there are any. */
function lossOf(
  name: string,
  said: number,
  weights: LanguageWeights<Value>,
  language: LanguageConfig,
  image: Value | undefined,
  batch = image!.shape[0]!,
): Value {
  const words = gather(weights.tokens, input(`${name}Words`, [batch, said], "int32"));
  const before = image?.shape[1] ?? 0;
  // The start, the picture, then the words.
  const x = image === undefined ? words : concat([slice(words, 1, 0, 1), image, slice(words, 1, 1, said)], 1);
  const { hidden } = languageModel({ x, rotary: rotaryValues(language, before + said) }, weights, language);
  const speaking = reshape(slice(hidden, 1, before, before + said), [batch * said, language.width]);
  const chances = logSoftmax(languageLogits(speaking, weights));
  const targets = reshape(input(`${name}Targets`, [batch, said], "int32"), [batch * said, 1]);
  const chosen = reshape(gatherLast(chances, targets), [batch, said]);
  return mul(sum(mul(chosen, input(`${name}Weights`, [batch, said])), [0, 1]), -1);
}

function languageOf(parameters: Parameters, language: LanguageConfig): LanguageWeights<Value> {
  const { names } = parameters;
  const source = {
    has: (name: string) => names.includes(name),
    names: () => names,
    take: (name: string) => parameters.value(name),
    rows: (value: Value, start: number, end: number) => slice(value, 0, start, end),
  };
  return languageWeights<Value>(source, NAMES, language);
}
