/** What erasing does to the captions of many scenes. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Random } from "../../engine/tensor/random.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { SCENE_OBJECTS } from "../../worlds/scenes/index.js";
import { goOn, roomFor } from "./caption.js";
import { knowsWord } from "./confidence.js";
import { type DescribedScene, type Mentions, mentionsIn, SCENE_WORDS } from "./described-scenes.js";
import { type AutoErase, confidencesOf } from "./detect.js";
import { Eraser, type EraseSettings, wordDirections } from "./erase.js";
import { stands } from "./stands.js";

export interface ErasureTrial {
  /** Words to erase of each caption; those without any stay as they are. */
  readonly wordsOf: (one: DescribedScene) => readonly string[];
  /** With a threshold, captions stay as they are where the new one does not stand. */
  readonly settings: EraseSettings & Partial<AutoErase>;
  readonly erasers?: Erasers;
  /** Default {@link wordDirections}. */
  readonly directionsOf?: typeof wordDirections;
}

/** What captions say once words are erased from them. */
export async function mentionsAfter(
  model: VisionLanguageModel,
  described: readonly DescribedScene[],
  { wordsOf, settings, erasers = new Erasers(model, settings.layer), directionsOf = wordDirections }: ErasureTrial,
): Promise<Mentions[]> {
  const after: Mentions[] = [];
  for (const one of described) {
    const words = wordsOf(one);
    let { text } = one.said;
    if (words.length > 0) {
      const without = await erasers.textAlong(
        one.prompt,
        await directionsOf(model, words, settings.textLayer),
        settings,
      );
      if (await standsBeside(one, without, settings.threshold)) text = without;
    }
    after.push(mentionsIn(text, one.truth));
  }
  return after;
}

/** Whether a text stands beside the caption; all do where there is no threshold. */
async function standsBeside(
  { objects, confidenceIn }: DescribedScene,
  text: string,
  threshold?: number,
): Promise<boolean> {
  if (threshold === undefined) return true;
  const named = await Promise.all(SCENE_WORDS.mentions(text).map(({ word }) => confidenceIn(word)));
  return stands(confidencesOf(objects), named, threshold);
}

/** Prompts that have run up to a block, each once, for many erasures after it. */
export class Erasers {
  readonly #model: VisionLanguageModel;
  readonly #layer: number;
  readonly #erasers = new Map<PicturePrompt, Promise<Eraser>>();

  constructor(model: VisionLanguageModel, layer: number) {
    this.#model = model;
    this.#layer = layer;
  }

  async textAlong(
    prompt: PicturePrompt,
    directions: FloatTensor,
    settings: Pick<EraseSettings, "alpha" | "projection">,
  ): Promise<string> {
    const eraser = this.#erasers.get(prompt) ?? Eraser.at(this.#model, prompt, this.#layer);
    this.#erasers.set(prompt, eraser);
    const room = roomFor(this.#model, prompt, {});
    const started = await (await eraser).start(directions, settings, room);
    return (await goOn(this.#model, started, room, {})).text;
  }
}

export function chairOf(mentions: readonly Mentions[]): number {
  const all = sum(mentions, "all");
  return all === 0 ? 0 : sum(mentions, "hallucinated") / all;
}

export function sum(mentions: readonly Mentions[], of: keyof Mentions): number {
  return mentions.reduce((total, one) => total + one[of], 0);
}

/** Words that a model knows for so many things that a caption does not name and that are not there. */
export function absentWords(
  model: VisionLanguageModel,
  { said, truth }: DescribedScene,
  count: number,
  random: Random,
): string[] {
  const free = Object.entries(SCENE_OBJECTS).filter(
    ([object, [word]]) => !truth.has(object) && !said.text.includes(word!) && knowsWord(model, word!),
  );
  return random
    .shuffled(free)
    .slice(0, count)
    .map(([, [word]]) => word!);
}
