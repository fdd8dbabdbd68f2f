/** Scenes and captions as the inputs of training steps and of evaluations. */
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import { parseTokenizer } from "../../engine/media/clip-tokenizer.js";
import { toPixels } from "../../engine/media/pixels.js";
import type { Tokenizer } from "../../engine/media/tokenizer.js";
import { wordMerges } from "../../engine/media/word-merges.js";
import type { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor, intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import { type TokenRows, tokenRows } from "../../models/clip/token-rows.js";
import {
  caption,
  type Glimpse,
  glimpse,
  type GlimpseKind,
  GLIMPSES,
  renderScene,
  sampleScene,
  type Scene,
  type SceneOptions,
  WORDS,
} from "../../worlds/scenes/index.js";
import {
  ARCHITECTURE,
  CAPTION_DETAIL,
  CONTEXT_LENGTH,
  GLIMPSE_LENGTH,
  GLIMPSE_SHARES,
  GLIMPSES_A_PICTURE,
  NORMALISATION,
  OBJECT_COUNTS,
  type Settings,
  SPURIOUS_RATE,
} from "./settings.js";

/** The content of tokenizer.json: every word of the captions is one token, other words are spelt. */
export const TOKENIZER_JSON = byteTokenizerJson(wordMerges(WORDS));

let tokenizer: Tokenizer | undefined;

export function sceneTokenizer(): Tokenizer {
  return (tokenizer ??= parseTokenizer(TOKENIZER_JSON));
}

/** What training shows: correlated backgrounds, and never a held-out combination. */
export const TRAINING_SCENES: SceneOptions = { spurious: { rate: SPURIOUS_RATE }, combinations: "seen" };

/** A scene with 1 to 4 objects, few more often than many. */
export function drawScene(random: Random, options: SceneOptions = TRAINING_SCENES): Scene {
  let chance = random.uniform();
  let count = 1;
  for (const share of OBJECT_COUNTS.slice(0, -1)) {
    if (chance < share) break;
    chance -= share;
    count++;
  }
  return sampleScene(random, { ...options, objects: [count, count] });
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
export function trainingBatch(
  { seed, batch, patches }: Settings,
  step: number,
  masked: boolean,
): Record<string, Tensor> {
  const words = seeded(seed, "captions", step);
  const random = seeded(seed, "scenes", step);
  const scenes = Array.from({ length: batch }, () => drawScene(random));
  const [least, most] = CAPTION_DETAIL;
  const captions = scenes.map((scene) => caption(scene, words, { detail: least + words.uniform() * (most - least) }));
  const glimpses = Array.from({ length: GLIMPSES_A_PICTURE }, () =>
    scenes.map((scene) => glimpse(scene, drawKind(words), words)),
  );
  const long = textRows(captions);
  const short = textRows(
    glimpses.flat().map(({ text }) => text),
    GLIMPSE_LENGTH,
  );
  const inputs: Record<string, Tensor> = {
    pixels: scenePixels(scenes),
    captionTokens: long.tokens,
    captionEnds: long.ends,
    glimpseTokens: short.tokens,
    glimpseEnds: short.ends,
  };
  for (const [i, round] of glimpses.entries()) inputs[`true${i}`] = truths(round, scenes);
  if (masked) inputs["kept"] = keptTokens(seeded(seed, "patches", step), batch, patches);
  return inputs;
}

function drawKind(random: Random): GlimpseKind {
  let chance = random.uniform();
  return GLIMPSES.find((kind) => (chance -= GLIMPSE_SHARES[kind]) < 0) ?? "shape";
}

/** [B,B]: whether each picture's glimpse (row) is true of each picture (column). */
function truths(glimpses: readonly Glimpse[], scenes: readonly Scene[]): FloatTensor {
  const values = glimpses.flatMap(({ isTrueOf }) => scenes.map((scene) => Number(isTrueOf(scene))));
  return floatTensor(Float32Array.from(values), [glimpses.length, scenes.length]);
}

/** For each picture its class token and `patches` random patches, as rows of all tokens: int32 [B,1+patches]. */
function keptTokens(random: Random, batch: number, patches: number): Tensor<"int32"> {
  const { imageSize, patchSize } = ARCHITECTURE.vision;
  const count = (imageSize / patchSize) ** 2;
  const rows = new Int32Array(batch * (patches + 1));
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let b = 0; b < batch; b++) {
    const first = b * (count + 1);
    rows[b * (patches + 1)] = first;
    for (let i = 0; i < patches; i++) {
      const j = i + random.below(count - i);
      [order[i], order[j]] = [order[j]!, order[i]!];
      rows[b * (patches + 1) + 1 + i] = first + 1 + order[i]!;
    }
  }
  return intTensor(rows, [batch, patches + 1]);
}
