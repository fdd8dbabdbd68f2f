/** Scenes as a model describes them, with what is true of each. */
import { Random } from "../../engine/tensor/random.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import {
  objectsIn,
  renderScene,
  sampleScene,
  type Scene,
  SCENE_OBJECTS,
  type SceneOptions,
} from "../../worlds/scenes/index.js";
import { type SaidText, say } from "./caption.js";
import { beliefs } from "./confidence.js";
import { type NamedObject, namedObjects } from "./detect.js";
import { ObjectWords } from "./object-words.js";

export const SCENE_WORDS = new ObjectWords({ objects: SCENE_OBJECTS, doubleWords: {} }, "fixed");

export interface DescribedScene {
  readonly scene: Scene;
  readonly prompt: PicturePrompt;
  readonly said: SaidText;
  /** What is in it. */
  readonly truth: ReadonlySet<string>;
  readonly objects: readonly (NamedObject & { readonly isReal: boolean })[];
  /** In any word; reads the picture again for words that the caption does not name, once for each. */
  readonly confidenceIn: (word: string) => Promise<number>;
}

/** Scenes drawn by `seed`; each purpose has a seed of its own. */
export function drawScenes(seed: number, count: number, options: SceneOptions): Scene[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => sampleScene(random, options));
}

export async function describeScenes(model: VisionLanguageModel, scenes: readonly Scene[]): Promise<DescribedScene[]> {
  const prompts = await promptsOf(model, scenes);
  const described: DescribedScene[] = [];
  for (const [i, scene] of scenes.entries()) {
    const prompt = prompts[i]!;
    const said = await say(model, prompt);
    const truth = objectsIn(scene);
    const objects = await namedObjects(model, prompt, said, SCENE_WORDS);
    described.push({
      scene,
      prompt,
      said,
      truth,
      objects: objects.map((object) => ({ ...object, isReal: truth.has(object.object) })),
      confidenceIn: confidences(model, prompt, objects),
    });
  }
  return described;
}

function confidences(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  objects: readonly NamedObject[],
): DescribedScene["confidenceIn"] {
  const known = new Map(objects.map(({ word, belief }) => [word, Promise.resolve(belief.confidence)]));
  return (word) => {
    const confidence = known.get(word) ?? beliefs(model, prompt, [word]).then(([belief]) => belief!.confidence);
    known.set(word, confidence);
    return confidence;
  };
}

export async function promptsOf(model: VisionLanguageModel, scenes: readonly Scene[]): Promise<PicturePrompt[]> {
  const { imageSize } = model.parts.tower.parts.vision;
  const prompts: PicturePrompt[] = [];
  for (const scene of scenes) {
    const pixels = model.preprocess([renderScene(scene, imageSize)]);
    prompts.push(model.prompt(await model.see(pixels)));
  }
  return prompts;
}

/** What a text says of a scene: mentions of what is not there, and different things that are. */
export interface Mentions {
  readonly hallucinated: number;
  readonly all: number;
  /** Different things that are there and are named. */
  readonly named: number;
}

export function mentionsIn(text: string, truth: ReadonlySet<string>): Mentions {
  const mentions = SCENE_WORDS.mentions(text);
  return {
    hallucinated: mentions.filter(({ object }) => !truth.has(object)).length,
    all: mentions.length,
    named: new Set(mentions.map(({ object }) => object).filter((object) => truth.has(object))).size,
  };
}
