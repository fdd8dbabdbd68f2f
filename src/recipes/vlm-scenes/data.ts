/** Scenes and what there is to say of them, as the inputs of training steps. */
import type { Tokenizer } from "../../engine/media/clip-tokenizer.js";
import type { Random } from "../../engine/tensor/random.js";
import { floatTensor, intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { towerTokens } from "../../models/vlm/tower-tokens.js";
import { caption, renderScene, sampleScene, type Scene, type SceneOptions } from "../../worlds/scenes/index.js";
import { describe, describeByHabit, withHints } from "./describe.js";
import { PATCH_WORDS, PATCHES, partOf, patchShares } from "./patch-words.js";
import { CAPTION_LENGTH, LANGUAGE, READING_NOISE, SPURIOUS_RATE, TEXT_LENGTH, TOWER_LAYER } from "./settings.js";

export const TRAINING_SCENES: SceneOptions = { spurious: { rate: SPURIOUS_RATE }, combinations: "seen" };

type Rows = Readonly<Record<string, Tensor>>;

/**
 * What is said, as the model reads it (the start, then the words), what it is to say, and which places count: [B,length] each, the last
 * being 1 / (places that count in all) where one counts, else 0. Names begin with `name`.
 */
function wordRows(tokenizer: Tokenizer, name: string, texts: readonly string[], length: number): Rows {
  const { data } = tokenizer.encode(texts, { contextLength: length + 1 });
  const rows = texts.length;
  const shape = [rows, length];
  const words = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length);
  const weights = new Float32Array(rows * length);
  let counted = 0;
  for (let row = 0; row < rows; row++) {
    const ids = data.subarray(row * (length + 1), (row + 1) * (length + 1));
    const end = ids.indexOf(tokenizer.endId);
    words.set(ids.subarray(0, length), row * length);
    targets.set(ids.subarray(1), row * length);
    weights.fill(1, row * length, row * length + end);
    counted += end;
  }
  for (let i = 0; i < weights.length; i++) weights[i]! /= counted;
  return {
    [`${name}Words`]: intTensor(words, shape),
    [`${name}Targets`]: intTensor(targets, shape),
    [`${name}Weights`]: floatTensor(weights, shape),
  };
}

/** Pictures: what the tower sees in scenes, and captions. Where a stream is given, of parts of the pictures and with habits. */
export async function pictureRows(tower: Clip, scenes: readonly Scene[], habits?: Random): Promise<Rows> {
  const { imageSize } = tower.parts.vision;
  const pixels = tower.preprocess(scenes.map((scene) => renderScene(scene, imageSize)));
  const seen = await towerTokens(tower, pixels, { layer: TOWER_LAYER, batch: scenes.length });
  const parts = new Float32Array(scenes.length * PATCHES).fill(1);
  const captions = scenes.map((scene, row) => {
    if (habits === undefined) return describe(scene);
    const part = partOf(habits);
    parts.set(part, row * PATCHES);
    return describeByHabit(scene, part, habits);
  });
  const part = floatTensor(parts, [scenes.length, PATCHES, 1]);
  return { seen, part, ...wordRows(tower.parts.tokenizer as Tokenizer, "said", captions, CAPTION_LENGTH) };
}

/** Scenes in words with captions, and texts of every second without it. With hints, see `withHints`; else captions say what is there. */
export function textRows(tokenizer: Tokenizer, scenes: readonly Scene[], random: Random, hinted = false): Rows {
  const size = PATCHES * PATCH_WORDS.length;
  const shares = new Float32Array(scenes.length * size);
  const captions = scenes.map((scene, row) => {
    const part = partOf(random);
    const { hints, caption } = hinted
      ? withHints(scene, part, random)
      : { hints: undefined, caption: describe(scene, part) };
    shares.set(patchShares(scene, random, part, hints), row * size);
    return caption;
  });
  const texts = scenes
    .filter((_, i) => i % 2 === 0)
    .map((scene) => caption(scene, random, { detail: random.uniform() }));
  const noise = random.centred(scenes.length * PATCHES * LANGUAGE.width, READING_NOISE);
  return {
    shares: floatTensor(shares, [scenes.length, PATCHES, PATCH_WORDS.length]),
    noise: floatTensor(noise, [scenes.length, PATCHES, LANGUAGE.width]),
    ...wordRows(tokenizer, "said", captions, CAPTION_LENGTH),
    ...wordRows(tokenizer, "text", texts, TEXT_LENGTH),
  };
}

/** The scenes of update `step` of a stage, drawn by a stream of the seed, the stage and the step alone; and what else is drawn there. */
export function trainingScenes(
  seed: number,
  stage: string,
  step: number,
  count: number,
): { readonly scenes: Scene[]; readonly random: Random } {
  const random = seeded(seed, stage, step);
  return { scenes: Array.from({ length: count }, () => sampleScene(random, TRAINING_SCENES)), random };
}

/** Scenes that training does not see, with the correlation of training or without. */
export function validationScenes(seed: number, count: number, spurious: boolean): Scene[] {
  const random = seeded(seed, "validation", spurious ? "spurious" : "independent");
  const options: SceneOptions = spurious ? TRAINING_SCENES : { combinations: "seen" };
  return Array.from({ length: count }, () => sampleScene(random, options));
}
