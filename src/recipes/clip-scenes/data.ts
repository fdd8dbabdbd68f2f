/** Scenes and captions as the inputs of training steps and of evaluations. */
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import { parseTokenizer } from "../../engine/media/clip-tokenizer.js";
import { toPixels } from "../../engine/media/pixels.js";
import type { Tokenizer } from "../../engine/media/tokenizer.js";
import { wordMerges } from "../../engine/media/word-merges.js";
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import { type TokenRows, tokenRows } from "../../models/clip/token-rows.js";
import {
  ATTRIBUTES,
  attributeTexts,
  caption,
  renderScene,
  type Scene,
  sceneTruth,
  WORDS,
} from "../../worlds/scenes/index.js";
import { attributeTargets } from "./attribute-targets.js";
import { drawTrainingScene } from "./curriculum.js";
import { allTokens, keptTokens } from "./kept-tokens.js";
import {
  ARCHITECTURE,
  ATTRIBUTE_LENGTH,
  CAPTION_DETAIL,
  CONTEXT_LENGTH,
  NORMALISATION,
  type Settings,
  WORDINGS,
} from "./settings.js";

/** The content of tokenizer.json: every word of the captions is one token, other words are spelt. */
export const TOKENIZER_JSON = byteTokenizerJson(wordMerges(WORDS));

let tokenizer: Tokenizer | undefined;

export function sceneTokenizer(): Tokenizer {
  return (tokenizer ??= parseTokenizer(TOKENIZER_JSON));
}

/** Normalised pictures [B,3,64,64]. */
export function scenePixels(scenes: readonly Scene[]): FloatTensor {
  return toPixels(
    scenes.map((scene) => renderScene(scene, ARCHITECTURE.vision.imageSize)),
    NORMALISATION,
  );
}

/** Token ids [B,N] and the place of each text's end [B]. */
export function textRows(texts: readonly string[], contextLength = CONTEXT_LENGTH): TokenRows {
  const tokens = sceneTokenizer().encode(texts, { contextLength });
  return tokenRows(tokens, { contextLength, vocabulary: sceneTokenizer().vocabularySize });
}

/** The inputs of update `step`, drawn by streams of the seed and the step alone. */
export function trainingBatch(settings: Settings, step: number, cropped: boolean): Record<string, Tensor> {
  const { seed, batch, steps, patches } = settings;
  const random = seeded(seed, "scenes", step);
  const words = seeded(seed, "captions", step);
  const scenes = Array.from({ length: batch }, () => drawTrainingScene(random, step / steps));
  const [least, most] = CAPTION_DETAIL;
  const captions = textRows(
    scenes.map((scene) => caption(scene, words, { detail: least + words.uniform() * (most - least) })),
  );
  const wordings = Array.from({ length: WORDINGS }, () =>
    ATTRIBUTES.flatMap((attribute) => attributeTexts(attribute, words)),
  );
  const attributes = textRows(wordings.flat(), ATTRIBUTE_LENGTH);
  const truths = scenes.map((scene) => sceneTruth(scene, ARCHITECTURE.vision.imageSize));
  const tokens = cropped ? keptTokens(truths, patches, seeded(seed, "patches", step)) : allTokens(batch);
  return {
    pixels: scenePixels(scenes),
    captionTokens: captions.tokens,
    captionEnds: captions.ends,
    attributeTokens: attributes.tokens,
    attributeEnds: attributes.ends,
    targets: attributeTargets(truths, tokens),
    ...(cropped ? { kept: tokens } : {}),
  };
}
