/**
 * How much a model believes that an object is in the picture, by its image tokens alone, and where.
 *
 * Source: Jiang et al. 2025, sections 3.2, 4 and 5.
 */
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { UnknownWordError } from "./errors.js";
import { imageLens, type LensOptions } from "./lens.js";

export interface Belief {
  readonly word: string;
  /** The tokens that the word is made of. */
  readonly tokens: readonly number[];
  /** The largest probability of any of the word's tokens, over image tokens and the layers that are read. */
  readonly confidence: number;
  /** Where that is: 0 for the embeddings, n for what block n-1 leaves; and which image token, row by row. */
  readonly layer: number;
  readonly place: number;
  /** [L+1]: the largest probability over image tokens, by layer, also of layers that are not read. */
  readonly byLayer: readonly number[];
  /** [P]: the largest probability over layers, by image token. */
  readonly map: FloatTensor;
}

export interface BeliefOptions extends LensOptions {
  /** The last layer that is read; default the model's own (`VlmConfig.belief`), else all are. */
  readonly lastLayer?: number;
}

/** Beliefs in words, in order, all by one pass over the prompt. Throws {@link UnknownWordError} for a word that the model has no token for. */
export async function beliefs(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  words: readonly string[],
  { lastLayer = model.parts.config.belief?.lastLayer ?? Infinity, ...options }: BeliefOptions = {},
): Promise<Belief[]> {
  if (words.length === 0) return [];
  const spelt = words.map((word) => wordTokens(model, word));
  const all = [...new Set(spelt.flat())];
  const lens = await imageLens(model, prompt, all, options);
  const [layers, places, width] = lens.shape as [number, number, number];
  return words.map((word, i) => {
    const columns = spelt[i]!.map((token) => all.indexOf(token));
    const map = new Float32Array(places);
    let best = { confidence: -1, layer: 0, place: 0 };
    const byLayer = new Array<number>(layers).fill(0);
    for (let layer = 0; layer < layers; layer++) {
      for (let place = 0; place < places; place++) {
        const row = (layer * places + place) * width;
        const chance = columns.reduce((largest, column) => Math.max(largest, lens.data[row + column]!), 0);
        byLayer[layer] = Math.max(byLayer[layer]!, chance);
        if (layer > lastLayer) continue;
        map[place] = Math.max(map[place]!, chance);
        if (chance > best.confidence) best = { confidence: chance, layer, place };
      }
    }
    return { word, tokens: spelt[i]!, ...best, byLayer, map: floatTensor(map, [places]) };
  });
}

/** Ids of a word in the middle of a text. Throws {@link UnknownWordError} for one that the model knows no piece of but letters. */
export function wordTokens(model: VisionLanguageModel, word: string): number[] {
  const tokens = knownTokens(model, word);
  if (tokens !== undefined) return tokens;
  throw new UnknownWordError({
    what: "the model has no token for this word",
    where: model.parts.ref,
    got: `"${word}"`,
    expected: "a word of its vocabulary, or one made of its pieces",
    fix: "use a word that the model says",
  });
}

/** Whether {@link wordTokens} has ids for it. */
export const knowsWord = (model: VisionLanguageModel, word: string): boolean => knownTokens(model, word) !== undefined;

function knownTokens({ parts: { tokenizer } }: VisionLanguageModel, word: string): number[] | undefined {
  const tokens = tokenizer.encode(word.trim());
  // What vocabularies put before a word, or after it.
  const letters = (id: number): number => Array.from((tokenizer.tokenOf(id) ?? "").replace(/^[▁Ġ]|<\/w>$/g, "")).length;
  const isSpelt = tokens.length > 1 && tokens.every((id) => letters(id) <= 1);
  return tokens.length > 0 && !isSpelt ? tokens : undefined;
}
