/** Chooses where and how much to erase, on scenes that are not reported on. */
import { Random } from "../../engine/tensor/random.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { type DescribedScene, mentionsIn } from "./described-scenes.js";
import { type AutoErase, doubtedWords } from "./detect.js";
import { absentWords, chairOf, Erasers, mentionsAfter, sum } from "./erasure-trial.js";

/** What may be lost of the things that are there and are named. */
export const MOST_LOST = 0.02;
/**
 * Strengths and thresholds that each pair of layers is tried with, and that the best pairs are; of a threshold, the share of the hallucinated
 * objects whose confidence is below it.
 */
const ANYWHERE = { alphas: [1, 2, 4], shares: [0.7] };
const AT_BEST = { alphas: [1, 1.5, 2, 3, 4], shares: [0.5, 0.6, 0.7, 0.8, 0.9] };
const BEST_PAIRS = 3;

interface Tried extends AutoErase {
  /**
   * Change of CHAIRi, relative to what it was, less the same where as many absent words are erased: what a model says when it is disturbed, and
   * stands, is not what is looked for.
   */
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
  const doubted = (one: DescribedScene): string[] => doubtedWords(one.objects, settings.threshold);
  const random = new Random(0);
  const absent = (one: DescribedScene): string[] => absentWords(model, one, doubted(one).length, random);
  const [after, control] = [
    await mentionsAfter(model, described, { wordsOf: doubted, settings, erasers }),
    await mentionsAfter(model, described, { wordsOf: absent, settings, erasers }),
  ];
  const named = sum(before, "named");
  return {
    change: (chairOf(after) - chairOf(control)) / chairOf(before),
    lost: named === 0 ? 0 : 1 - sum(after, "named") / named,
  };
}
