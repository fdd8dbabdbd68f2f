/** Do scenes built from neurons' words change what a model takes a shape for, more often than scenes with other words do? */
import { bootstrapEstimates } from "../../engine/tensor/bootstrap.js";
import { dot, normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { allDescriptions, type Scene, type Shape, SHAPES, valuesSaid } from "../../worlds/scenes/index.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import { attributeClasses, rowsOf, scenePixels } from "../scene-classes.js";
import { adversarialScenes } from "./adversarial-scenes.js";
import { adversarialWords, classDifference, type DescribedNeurons } from "./adversarial.js";

export interface AdversarialOptions {
  readonly seed: number;
  /** Pairs of shapes, drawn at random; default 16. */
  readonly pairs?: number;
  /** Scenes for each pair and each kind of words; default 40. */
  readonly scenes?: number;
}

const KINDS = {
  neurons: ["the neurons' words", "method"],
  nearest: ["texts nearest to the wrong class (no neurons)", "baseline"],
  random: ["random words", "control"],
  "random neurons": ["words of as many random neurons", "control"],
} as const satisfies Record<string, readonly [string, ClaimRow["kind"]]>;
type Kind = keyof typeof KINDS;

/** Of one pair of shapes: the share of scenes taken for the wrong one, by what their words were. */
export interface AdversarialPair {
  readonly shown: Shape;
  readonly wrong: Shape;
  readonly words: readonly string[];
  readonly flipped: Readonly<Record<Kind, number>>;
}

/** Words for each pair and control. */
const WORDS = 20;

export async function measureAdversarial(
  clip: Clip,
  layers: readonly DescribedNeurons[],
  { seed, pairs = 16, scenes = 40 }: AdversarialOptions,
): Promise<AdversarialPair[]> {
  const random = seeded(seed, "adversarial");
  const texts = allDescriptions();
  const features = normaliseRows(await clip.encodeText(texts));
  const encode = (list: readonly string[]): Promise<FloatTensor> => clip.encodeText(list);
  const { directions } = await attributeClasses(encode, "shape");
  const classOf = (shape: Shape): FloatTensor => {
    const row = rowsOf(directions)[SHAPES.indexOf(shape)]!;
    return floatTensor(row, [1, row.length]);
  };
  const found: AdversarialPair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [shown, wrong] = random.shuffled(SHAPES) as [Shape, Shape];
    const difference = classDifference(classOf(wrong), classOf(shown));
    const isUsable = (text: number): boolean => {
      const said = valuesSaid(texts[text]!);
      return said.length > 0 && !said.some(({ value }) => value === wrong || value === shown);
    };
    const usable = texts.flatMap((_, text) => (isUsable(text) ? [text] : []));
    const options = { texts: WORDS, exclude: (text: number) => !isUsable(text) };
    const along = rowsOf(features).map((row) => dot(row, difference));
    const chosen: Record<Kind, readonly number[]> = {
      neurons: adversarialWords(layers, difference, options).map(({ text }) => text),
      nearest: usable.toSorted((a, b) => along[b]! - along[a]!).slice(0, WORDS),
      random: random.shuffled(usable).slice(0, WORDS),
      "random neurons": wordsOfRandomNeurons(layers, isUsable, (list) => random.shuffled(list)),
    };
    const flipped: Partial<Record<Kind, number>> = {};
    for (const kind of Object.keys(KINDS) as Kind[]) {
      const words = chosen[kind].map((text) => texts[text]!);
      const drawn = adversarialScenes(words, { shown, wrong, count: scenes }, random);
      flipped[kind] = (await takenForWrong(clip, drawn, difference)).filter(Boolean).length / scenes;
    }
    const words = chosen.neurons.map((text) => texts[text]!);
    found.push({ shown, wrong, words, flipped: flipped as Record<Kind, number> });
  }
  return found;
}

/** Whether each scene is nearer to the wrong class than to the one shown, whose difference this is. */
export async function takenForWrong(
  clip: Clip,
  scenes: readonly Scene[],
  difference: Float32Array,
): Promise<boolean[]> {
  return rowsOf(await clip.encodeImage(scenePixels(clip, scenes))).map((row) => dot(row, difference) > 0);
}

/** The same number of neurons, of which each gives its strongest usable texts. */
function wordsOfRandomNeurons(
  layers: readonly DescribedNeurons[],
  isUsable: (text: number) => boolean,
  shuffled: <T>(list: readonly T[]) => T[],
): number[] {
  const neurons = shuffled(layers.flatMap(({ words }) => words)).slice(0, 50);
  const texts = neurons.flatMap(({ words }) =>
    words.flatMap(({ text, coefficient }) => (coefficient > 0 && isUsable(text) ? [{ text, coefficient }] : [])),
  );
  return [...new Set(texts.sort((a, b) => b.coefficient - a.coefficient).map(({ text }) => text))].slice(0, WORDS);
}

/** Of runs with neurons described on scenes of their own; resampled by pairs. Throws a RangeError without pairs. */
export function adversarialClaim(runs: readonly (readonly AdversarialPair[])[], seed: number): Claim {
  const pairs = runs.flat();
  if (pairs.length === 0) throw new RangeError("no pairs");
  const kinds = Object.keys(KINDS) as Kind[];
  const estimates = bootstrapEstimates(
    pairs.length,
    (members) => {
      const mean = (kind: Kind): number => {
        let sum = 0;
        for (const i of members) sum += pairs[i]!.flipped[kind];
        return sum / members.length;
      };
      return kinds.flatMap((kind) => [mean(kind), mean("neurons") - mean(kind)]);
    },
    { seed },
  );
  const rows = kinds.map((kind, i): ClaimRow => {
    const [rate, lead] = estimates.slice(2 * i, 2 * i + 2);
    return { name: KINDS[kind][0], kind: KINDS[kind][1], figures: [rate, kind === "neurons" ? undefined : lead] };
  });
  const lead = rows[kinds.indexOf("random")]!.figures[1]!;
  const other = rows[kinds.indexOf("random neurons")]!.figures[1]!;
  const holds = lead.low > 0 && other.low > 0;
  return {
    claim:
      "Scenes with the words of a class pair's neurons around an object are taken for the wrong class more often than scenes with random words.",
    setting: `${pairs.length} random ordered pairs of shapes in ${runs.length} runs, neurons of all layers that heads follow; ${WORDS} texts a pair, 4 in each scene, none of them about either shape. Taken for the wrong one: nearer to its prompts than to those of the shape shown. Intervals by resampling pairs.`,
    criterion: "The lead over random words, and over words of random neurons, is above 0 with its whole interval.",
    holds,
    found: `${showEstimate(rows[0]!.figures[0], "percent")} are taken for the wrong class; with random words ${showEstimate(rows[kinds.indexOf("random")]!.figures[0], "percent")}, a lead of ${showEstimate(lead, "points")} points.`,
    tables: [
      {
        title: "Scenes taken for the wrong shape",
        columns: [
          { name: "share", unit: "percent" },
          { name: "lead of the neurons' words", unit: "points" },
        ],
        rows,
      },
    ],
  };
}
