/** The claim that erasing what a model does not believe in takes hallucinations out of its captions, and little else. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import { MOST_LOST } from "./choose-erasure.js";
import { absentWords, chairOf, type ErasureTrial, mentionsAfter, sum } from "./erasure-trial.js";
import { type DescribedScene, type Mentions, mentionsIn } from "./described-scenes.js";
import { type AutoErase, doubtedWords } from "./detect.js";
import { wordDirections } from "./erase.js";
import { distinctWords } from "./object-words.js";

/** All of a word that image tokens hold as it is embedded. */
const AS_READ = { layer: -1, textLayer: 0, alpha: 1 };
/** Relative: what must go of CHAIRi. */
const LEAST_REDUCTION = 0.25;

export async function erasureClaim(
  model: VisionLanguageModel,
  described: readonly DescribedScene[],
  settings: AutoErase,
  seed: number,
): Promise<Claim> {
  const random = new Random(seed);
  const before = described.map(({ said, truth }) => mentionsIn(said.text, truth));
  const doubted = (one: DescribedScene): string[] => doubtedWords(one.objects, settings.threshold);
  const wrong = ({ objects }: DescribedScene): string[] => distinctWords(objects.filter(({ isReal }) => !isReal));
  const { threshold, ...always } = settings;
  const after = (wordsOf: ErasureTrial["wordsOf"], how: ErasureTrial["settings"] = settings) =>
    mentionsAfter(model, described, { wordsOf, settings: how });
  const ways: { name: string; kind: ClaimRow["kind"]; after: Mentions[] }[] = [
    { name: "words it does not believe in", kind: "method", after: await after(doubted) },
    {
      name: "the same, all at once",
      kind: "method",
      after: await after(doubted, { ...settings, projection: "joint" }),
    },
    { name: "the same, any new caption stands (as published)", kind: "method", after: await after(doubted, always) },
    {
      name: "random directions of the same lengths",
      kind: "control",
      after: await mentionsAfter(model, described, {
        wordsOf: doubted,
        settings,
        directionsOf: async (...of) => likeLengths(await wordDirections(...of), random),
      }),
    },
    // The same words at another place: tells whether the place counts, not whether erasing does.
    {
      name: "at a random layer, read at a random one",
      kind: "baseline",
      after: await after(doubted, randomLayers(model, settings, random)),
    },
    {
      name: "as many words for what is neither named nor there",
      kind: "control",
      after: await after((one) => absentWords(model, one, doubted(one).length, random)),
    },
    // What beliefs would have to find, and what erasing can do then.
    { name: "what is wrong, by the truth", kind: "baseline", after: await after(wrong, always) },
    {
      name: "the same, as words are read, before the first block",
      kind: "baseline",
      after: await after(wrong, { ...always, ...AS_READ }),
    },
  ];
  const rows = ways.map(({ name, kind, after }): ClaimRow => ({ name, kind, figures: figuresOf(before, after, seed) }));
  const [, change, kept] = rows[0]!.figures as [Estimate, Estimate, Estimate];
  const touched = described.filter((one) => doubted(one).length > 0).length;
  return {
    claim:
      "Erasing the objects that a model names and does not believe in takes hallucinations out, and leaves what is right.",
    setting: `${described.length} scenes; in the captions of ${touched} something is erased. After block ${settings.layer}, directions from layer ${settings.textLayer}, ${settings.alpha} times, belief below ${threshold.toPrecision(3)}: chosen on other scenes. The new caption stands where it names fewer things that are believed less, and no more in all. Before: CHAIRi ${(100 * chairOf(before)).toFixed(1)}%. Intervals by resampling scenes.`,
    criterion: `CHAIRi falls by at least ${100 * LEAST_REDUCTION}% of what it was, at most ${100 * MOST_LOST}% of the things rightly named are lost, and random directions and absent words, the interval apart, do less.`,
    holds:
      change.value <= -LEAST_REDUCTION &&
      kept.value >= -MOST_LOST &&
      change.high < Math.min(...rows.filter(({ kind }) => kind === "control").map(({ figures }) => figures[1]!.low)),
    found: `CHAIRi ${showEstimate(change, "points")} % of what it was; things rightly named ${showEstimate(kept, "points")} %.`,
    tables: [
      {
        title: "What is erased",
        columns: [
          { name: "CHAIRi after", unit: "percent" },
          { name: "its change, relative", unit: "points" },
          { name: "things rightly named, change", unit: "points" },
        ],
        rows,
      },
    ],
  };
}

function figuresOf(before: readonly Mentions[], after: readonly Mentions[], seed: number): Estimate[] {
  return bootstrapEstimates(
    before.length,
    (members) => {
      const [was, is] = [before, after].map((list) => Array.from(members, (i) => list[i]!)) as [Mentions[], Mentions[]];
      return [chairOf(is), chairOf(is) / chairOf(was) - 1, sum(is, "named") / sum(was, "named") - 1];
    },
    { seed },
  );
}

/** Random rows [K,D], each as long as the one it stands for. */
function likeLengths({ data, shape }: FloatTensor, random: Random): FloatTensor {
  const [count, width] = shape as [number, number];
  const drawn = random.centred(count * width, 1);
  for (let row = 0; row < count; row++) {
    const length = (values: Float32Array): number => Math.hypot(...values.subarray(row * width, (row + 1) * width));
    const scale = length(data) / length(drawn);
    for (let i = row * width; i < (row + 1) * width; i++) drawn[i]! *= scale;
  }
  return floatTensor(drawn, shape);
}

function randomLayers(model: VisionLanguageModel, settings: AutoErase, random: Random): AutoErase {
  const { layers } = model.language.config;
  const others = Array.from({ length: layers }, (_, i) => i - 1).filter((layer) => layer !== settings.layer);
  const texts = Array.from({ length: layers + 1 }, (_, i) => i).filter((layer) => layer !== settings.textLayer);
  return { ...settings, layer: others[random.below(others.length)]!, textLayer: texts[random.below(texts.length)]! };
}
