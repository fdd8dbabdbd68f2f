/**
 * ProjectAway: takes what a word stands for out of the image tokens, so that the model no longer sees it.
 *
 * Source: Jiang et al. 2025, section 4.1. At what block `layer` leaves, for every image token x and each word's direction t: where x has
 * a positive part along t, `alpha` times that part is taken away. Later blocks, and so all that is said, see the image tokens without it.
 */
import { add, div, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import { relu, square } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { Started } from "../../models/language/generate.js";
import { LayerRangeError } from "../../models/language/errors.js";
import { type PromptPrefix, tokensPrompt } from "../../models/language/language-model.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { wordTokens } from "./confidence.js";
import { pseudoInverse } from "./pseudo-inverse.js";

export interface EraseSettings {
  /** The block whose output is edited, from 0; -1 edits what the first block gets. */
  readonly layer: number;
  /** Where words' directions are read: 0 at the embedding, n at what block n-1 leaves; -1, the mean of the embeddings of the word's tokens. */
  readonly textLayer: number;
  /** 1 takes the part away, more turns it round. */
  readonly alpha: number;
  /** One word after the other, as the reference does, or all at once, whatever their order. Default "sequential". */
  readonly projection?: "sequential" | "joint";
}

/** Of words that were asked for before, by layer and word. */
const known = new WeakMap<VisionLanguageModel, Map<string, Promise<Float32Array>>>();

/** Directions [K,D] of words, not normalised: the state of each word's last token when the model reads the word alone. */
export async function wordDirections(
  model: VisionLanguageModel,
  words: readonly string[],
  textLayer: number,
): Promise<FloatTensor> {
  const { width, layers } = model.language.config;
  if (!(Number.isInteger(textLayer) && textLayer >= -1 && textLayer <= layers)) {
    throw new LayerRangeError({
      what: "the language model has no such text layer",
      got: String(textLayer),
      expected: `a whole number from -1, the mean of a word's embeddings, to ${layers}, what the last block leaves`,
    });
  }
  const ofModel = known.get(model) ?? new Map<string, Promise<Float32Array>>();
  known.set(model, ofModel);
  const directions = new Float32Array(words.length * width);
  for (const [i, word] of words.entries()) {
    const key = `${textLayer} ${word}`;
    const direction = ofModel.get(key) ?? wordDirection(model, word, textLayer);
    ofModel.set(key, direction);
    directions.set(await direction, i * width);
  }
  return floatTensor(directions, [words.length, width]);
}

async function wordDirection(model: VisionLanguageModel, word: string, textLayer: number): Promise<Float32Array> {
  const { language } = model;
  const { width, layers, startToken } = language.config;
  const tokens = wordTokens(model, word);
  const start = startToken === undefined ? [] : [startToken];
  const name = textLayer <= 0 ? "lm.embed" : `lm.blocks.${textLayer - 1}.resid_post`;
  const { state } = await language.run(
    `word:${textLayer}`,
    tokensPrompt([[...start, ...tokens]]),
    ({ site, hidden }) => ({
      // What Transformers calls the last hidden state is after the final norm.
      state: textLayer === layers ? hidden : site(name),
    }),
  );
  const end = start.length + tokens.length;
  const from = textLayer === -1 ? start.length : end - 1;
  const direction = new Float32Array(width);
  for (let token = from; token < end; token++) {
    for (let d = 0; d < width; d++) direction[d]! += state.data[token * width + d]! / (end - from);
  }
  return direction;
}

/** A prompt whose first blocks have run, to be gone on with under as many erasures as wanted. */
export class Eraser {
  readonly #model: VisionLanguageModel;
  readonly #prompt: PicturePrompt;
  readonly #prefix: PromptPrefix;

  private constructor(model: VisionLanguageModel, prompt: PicturePrompt, prefix: PromptPrefix) {
    this.#model = model;
    this.#prompt = prompt;
    this.#prefix = prefix;
  }

  /** Runs the blocks up to `layer`. Throws {@link LayerRangeError} for a layer that the model has not, or that nothing follows. */
  static async at(model: VisionLanguageModel, prompt: PicturePrompt, layer: number): Promise<Eraser> {
    const { layers } = model.language.config;
    if (!(Number.isInteger(layer) && layer >= -1 && layer < layers - 1)) {
      throw new LayerRangeError({
        what: "nothing can be erased after this block",
        got: String(layer),
        expected: `a whole number from -1, before the first block, to ${layers - 2}, the last one that another follows`,
      });
    }
    return new Eraser(model, prompt, await model.language.prefix(prompt, layer + 1));
  }

  /** What follows the prompt with directions [K,D] erased; see `EraseSettings`. */
  start(
    directions: FloatTensor,
    { alpha, projection = "sequential" }: Pick<EraseSettings, "alpha" | "projection">,
    room: { readonly places: number; readonly sequences: number },
  ): Promise<Started> {
    const [count] = directions.shape as [number, number];
    const erased: Record<string, Tensor> = { directions, alpha: floatTensor(Float32Array.of(alpha), [1]) };
    if (projection === "joint") erased["inverse"] = pseudoInverse(directions);
    const { imageAt, imageTokens } = this.#prompt;
    const change = {
      key: `erase:${projection}:${count}:${imageAt}:${imageTokens}`,
      apply: (x: Value) => withImage(x, this.#prompt, (image) => projectAway(image, directions.shape, projection)),
      inputs: erased,
    };
    return this.#model.language.startFrom(this.#prefix, change, room);
  }
}

/** The stream [1,N,D] with its image tokens [P,D] changed. */
function withImage(x: Value, { imageAt, imageTokens }: PicturePrompt, change: (image: Value) => Value): Value {
  const [, length, width] = x.shape as [number, number, number];
  const image = reshape(slice(x, 1, imageAt, imageAt + imageTokens), [imageTokens, width]);
  const parts = [
    ...(imageAt > 0 ? [slice(x, 1, 0, imageAt)] : []),
    reshape(change(image), [1, imageTokens, width]),
    ...(imageAt + imageTokens < length ? [slice(x, 1, imageAt + imageTokens, length)] : []),
  ];
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

/** Image tokens [P,D] without the directions of the inputs. */
function projectAway(image: Value, shape: readonly number[], projection: "sequential" | "joint"): Value {
  const directions = input("directions", shape);
  const alpha = input("alpha", [1]);
  if (projection === "joint") {
    const parts = relu(matmul(image, input("inverse", shape), { transposeB: true }));
    return sub(image, mul(matmul(parts, directions), alpha));
  }
  return Array.from({ length: shape[0]! }, (_, i) => slice(directions, 0, i, i + 1)).reduce((x, direction) => {
    const length = sum(square(direction), [0, 1], { keepDims: true });
    const parts = relu(div(matmul(x, transpose(direction, [1, 0])), add(length, TINY)));
    return sub(x, mul(matmul(parts, direction), alpha));
  }, image);
}

/** A direction of zeros takes nothing away. */
const TINY = 1e-30;
