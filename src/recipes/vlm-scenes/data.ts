/** Scenes and what there is to say of them, as the inputs of training steps. */
import type { Tokenizer } from "../../engine/media/clip-tokenizer.js";
import { floatTensor, intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { towerTokens } from "../../models/vlm/tower-tokens.js";
import { account, renderScene, sampleScene, type Scene, type SceneOptions } from "../../worlds/scenes/index.js";
import { CAPTION_LENGTH, type Settings, SPURIOUS_RATE, TOWER_LAYER } from "./settings.js";

export const TRAINING_SCENES: SceneOptions = { spurious: { rate: SPURIOUS_RATE }, combinations: "seen" };

/** What is said, as the model reads it (the start, then the words), what it is to say, and which places count. */
export interface CaptionRows {
  /** [B, length] */
  readonly words: Tensor<"int32">;
  readonly targets: Tensor<"int32">;
  /** 1 / (places that count in all) where one counts, else 0. */
  readonly weights: Tensor<"float32">;
}

export function captionRows(tokenizer: Tokenizer, captions: readonly string[]): CaptionRows {
  const { data } = tokenizer.encode(captions, { contextLength: CAPTION_LENGTH + 1 });
  const rows = captions.length;
  const shape = [rows, CAPTION_LENGTH];
  const words = new Int32Array(rows * CAPTION_LENGTH);
  const targets = new Int32Array(rows * CAPTION_LENGTH);
  const weights = new Float32Array(rows * CAPTION_LENGTH);
  let counted = 0;
  for (let row = 0; row < rows; row++) {
    const ids = data.subarray(row * (CAPTION_LENGTH + 1), (row + 1) * (CAPTION_LENGTH + 1));
    const end = ids.indexOf(tokenizer.endId);
    words.set(ids.subarray(0, CAPTION_LENGTH), row * CAPTION_LENGTH);
    targets.set(ids.subarray(1), row * CAPTION_LENGTH);
    weights.fill(1, row * CAPTION_LENGTH, row * CAPTION_LENGTH + end);
    counted += end;
  }
  for (let i = 0; i < weights.length; i++) weights[i]! /= counted;
  return { words: intTensor(words, shape), targets: intTensor(targets, shape), weights: floatTensor(weights, shape) };
}

/** The inputs of scenes: what the tower sees in them, and what is to be said. */
export async function sceneRows(tower: Clip, scenes: readonly Scene[]): Promise<Record<string, Tensor>> {
  const { imageSize } = tower.parts.vision;
  const pixels = tower.preprocess(scenes.map((scene) => renderScene(scene, imageSize)));
  const tokens = await towerTokens(tower, pixels, { layer: TOWER_LAYER, batch: scenes.length });
  return { tokens, ...captionRows(tower.parts.tokenizer as Tokenizer, scenes.map(account)) };
}

/** The scenes of update `step`, drawn by a stream of the seed and the step alone. */
export function trainingScenes({ seed, batch }: Settings, step: number): Scene[] {
  const random = seeded(seed, "scenes", step);
  return Array.from({ length: batch }, () => sampleScene(random, TRAINING_SCENES));
}

/** Scenes that training does not see, with the correlation of training or without. */
export function validationScenes(seed: number, count: number, spurious: boolean): Scene[] {
  const random = seeded(seed, "validation", spurious ? "spurious" : "independent");
  const options: SceneOptions = spurious ? TRAINING_SCENES : { combinations: "seen" };
  return Array.from({ length: count }, () => sampleScene(random, options));
}
