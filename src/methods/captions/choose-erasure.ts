/** Chooses where and how much to erase, on scenes that are not reported on. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { goOn, roomFor } from "./caption.js";
import { type DescribedScene, type Mentions, mentionsIn } from "./described-scenes.js";
import { type AutoErase, doubtedWords } from "./detect.js";
import { Eraser, type EraseSettings, wordDirections } from "./erase.js";

/** What may be lost of the things that are there and are named. */
export const MOST_LOST = 0.02;
/**
 * Strengths and thresholds that each pair of layers is tried with, and that the best pairs are; of a threshold, the share of the hallucinated
 * objects whose confidence is below it.
 */
const ANYWHERE = { alphas: [1, 2, 4], shares: [0.4, 0.7] };
const AT_BEST = { alphas: [1, 1.5, 2, 3, 4, 5], shares: [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] };
const BEST_PAIRS = 3;

interface Tried extends AutoErase {
  /** Change of CHAIRi, relative to what it was. */
  readonly change: number;
  /** Share of the things that are there and were named which no longer are. */
  readonly lost: number;
}

/** First the layers, at few strengths and thresholds, then many of them at the best pairs of layers. */
export async function chooseErasure(
  model: VisionLanguageModel,
  described: readonly DescribedScene[],
  doing: (what: string) => void = () => undefined,
): Promise<AutoErase> {
  const { layers } = model.language.config;
  const wrong = described.flatMap(({ objects }) => objects.filter(({ isReal }) => !isReal));
  const confidences = wrong.map(({ belief }) => belief.confidence).sort((a, b) => a - b);
  const tried: Tried[] = [];
  const attempt = async (
    { layer, textLayer }: Pick<AutoErase, "layer" | "textLayer">,
    { alphas, shares }: typeof ANYWHERE,
    erasers: Erasers,
  ): Promise<void> => {
    for (const alpha of alphas) {
      for (const share of shares) {
        const threshold = confidences[Math.floor(share * (confidences.length - 1))] ?? 0;
        const settings = { layer, textLayer, alpha, threshold };
        if (tried.some((one) => isSame(one, settings))) continue;
        tried.push({ ...settings, ...(await changeBy(model, described, settings, erasers)) });
      }
    }
  };
  for (let layer = -1; layer < layers - 1; layer++) {
    doing(`erasing after block ${layer}`);
    const erasers = new Erasers(model, layer);
    for (let textLayer = 0; textLayer <= layers; textLayer++) {
      await attempt({ layer, textLayer }, ANYWHERE, erasers);
    }
  }
  for (const pair of bestPairs(tried)) {
    doing(`how much to erase after block ${pair.layer}`);
    await attempt(pair, AT_BEST, new Erasers(model, pair.layer));
  }
  const { layer, textLayer, alpha, threshold } = best(tried);
  return { layer, textLayer, alpha, threshold };
}

/** The best settings of each of the best pairs of layers; fewer where there are not so many. */
function bestPairs(tried: readonly Tried[]): Tried[] {
  const pairs: Tried[] = [];
  let rest = tried;
  while (pairs.length < BEST_PAIRS && rest.length > 0) {
    const pair = best(rest);
    pairs.push(pair);
    rest = rest.filter(({ layer, textLayer }) => layer !== pair.layer || textLayer !== pair.textLayer);
  }
  return pairs;
}

const isSame = (a: AutoErase, b: AutoErase): boolean =>
  (["layer", "textLayer", "alpha", "threshold"] as const).every((key) => a[key] === b[key]);

/**
 * The largest reduction at little loss; where all lose much, the smallest loss. Half of what may be lost is allowed here: the best of many
 * does worse elsewhere.
 */
function best(tried: readonly Tried[]): Tried {
  const fine = tried.filter(({ lost }) => lost <= MOST_LOST / 2);
  return fine.length > 0
    ? fine.reduce((a, b) => (b.change < a.change ? b : a))
    : tried.reduce((a, b) => (b.lost < a.lost ? b : a));
}

async function changeBy(
  model: VisionLanguageModel,
  described: readonly DescribedScene[],
  settings: AutoErase,
  erasers: Erasers,
): Promise<{ change: number; lost: number }> {
  const before = described.map(({ said, truth }) => mentionsIn(said.text, truth));
  const after = await mentionsAfter(
    model,
    described,
    (one) => doubtedWords(one.objects, settings.threshold),
    settings,
    erasers,
  );
  const named = sum(before, "named");
  return {
    change: chairOf(after) / chairOf(before) - 1,
    lost: named === 0 ? 0 : 1 - sum(after, "named") / named,
  };
}

/** What captions say once words are erased from them; those without such words stay as they are. */
export async function mentionsAfter(
  model: VisionLanguageModel,
  described: readonly DescribedScene[],
  wordsOf: (one: DescribedScene) => readonly string[],
  settings: EraseSettings,
  erasers: Erasers = new Erasers(model, settings.layer),
): Promise<Mentions[]> {
  const after: Mentions[] = [];
  for (const one of described) {
    const words = wordsOf(one);
    const text = words.length === 0 ? one.said.text : await erasers.textWithout(one.prompt, words, settings);
    after.push(mentionsIn(text, one.truth));
  }
  return after;
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

  async textWithout(prompt: PicturePrompt, words: readonly string[], settings: EraseSettings): Promise<string> {
    return this.textAlong(prompt, await wordDirections(this.#model, words, settings.textLayer), settings);
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
