/** What is measured of one layer's neurons on scenes, for the claims about their effects. */
import type { Random } from "../../engine/tensor/random.js";
import { dot, normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import {
  allDescriptions,
  type Attribute,
  ATTRIBUTES,
  sampleScene,
  type Scene,
  shareShown,
  valueOf,
  valuesSaid,
} from "../../worlds/scenes/index.js";
import { areaUnderCurve } from "../../engine/tensor/ranking.js";
import { attributeClasses, predictions, type SceneClasses, scenePixels } from "../scene-classes.js";
import { BATCH, type SceneNeurons, SINGLE } from "./described-scenes.js";
import type { SparseText } from "./sparse-text.js";
import type { NeuronStatistics } from "./statistics.js";

export interface MeasureOptions {
  /** Scenes to test on; default 600. */
  readonly count?: number;
}

/** What is kept of the effects, less their mean, when all else of the layer's neurons is held at the mean. */
export const KEPT = ["all", "none", "significant", "insignificant", "random", "rank 1", "rank 1, random"] as const;
export type Kept = (typeof KEPT)[number];

/** One number per neuron, or undefined where too few pictures fire to tell. */
export interface NeuronFigures {
  /** Share of the squared lengths over all known pictures that the strongest 2% have. */
  readonly concentration: number;
  /** Of tested pictures: the share on which the effect is over the threshold. */
  readonly fires: number;
  /** Share of the squared lengths, on tested pictures that fire, along the neuron's direction, and along a random one. */
  readonly explained: number | undefined;
  readonly explainedRandom: number | undefined;
  /** AUC: whether its words tell which tested pictures fire along its direction; another neuron's words; for firing dealt anew. */
  readonly area: number | undefined;
  readonly areaOthersWords: number | undefined;
  readonly areaShuffled: number | undefined;
}

export interface MeasuredEffects {
  readonly layer: number;
  readonly seed: number;
  readonly neurons: readonly NeuronFigures[];
  /** For each tested scene, the share of attributes told right. */
  readonly accuracy: Readonly<Record<Kept, readonly number[]>>;
}

/** Fewer firing pictures tell little. */
const FEWEST = 5;

/** On scenes that the neurons were not described on. */
export async function measureEffects(
  { effects, statistics, words, layer, seed }: SceneNeurons,
  { count = 600 }: MeasureOptions = {},
): Promise<MeasuredEffects> {
  const { clip } = effects;
  const random = seeded(seed, "neuron effects", "controls");
  const unseen = seeded(seed, "neuron effects", "tested");
  const scenes = Array.from({ length: count }, () => sampleScene(unseen, SINGLE));
  const test = new EffectsTest(statistics, randomDirections(effects.directions, random), random);
  const { vision } = clip.parts;
  for (let start = 0; start < count; start += BATCH) {
    const pixels = scenePixels(clip, scenes.slice(start, start + BATCH));
    const { data } = await effects.effects(pixels, { batch: BATCH });
    const features = normaliseRows(await clip.encodeImage(pixels));
    test.add(features.data, data, vision.features);
  }
  const classes = await allClasses(clip);
  const accuracy = Object.fromEntries(
    KEPT.map((kept) => [kept, sharesRight(classes, scenes, test.features(kept))] as const),
  ) as Record<Kept, number[]>;
  return {
    layer,
    seed,
    accuracy,
    neurons: neuronFigures(test, statistics, { words, texts: allDescriptions(), scenes, random }),
  };
}

/** Goes over tested pictures and keeps what claims need of them. */
class EffectsTest {
  readonly kept: Readonly<Record<Kept, Float32Array[]>>;
  /** For each picture and neuron: 0 below the threshold, 1 above it along its direction, -1 against. */
  readonly firing: Int8Array[] = [];
  /** [F]: sums over firing pictures of squared lengths, and of squares along the two directions. */
  readonly squares: Float64Array;
  readonly along: Float64Array;
  readonly alongRandom: Float64Array;
  readonly #statistics: NeuronStatistics;
  readonly #others: Float32Array;
  readonly #random: Random;

  constructor(statistics: NeuronStatistics, others: Float32Array, random: Random) {
    const [neurons] = statistics.directions.shape as [number];
    this.#statistics = statistics;
    this.#others = others;
    this.#random = random;
    this.kept = Object.fromEntries(KEPT.map((name) => [name, []] as const)) as unknown as Record<Kept, Float32Array[]>;
    [this.squares, this.along, this.alongRandom] = [0, 1, 2].map(() => new Float64Array(neurons)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
  }

  /** Of all pictures so far, [n,D]. */
  features(kept: Kept): FloatTensor {
    const rows = this.kept[kept];
    const width = rows[0]!.length;
    const data = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) data.set(row, i * width);
    return floatTensor(data, [rows.length, width]);
  }

  /** Unit features [B,D] and effects [B,F,D]. */
  add(features: Float32Array, effects: Float32Array, width: number): void {
    const size = this.#statistics.mean_effects.data.length;
    for (let row = 0; row < features.length / width; row++) {
      this.#one(
        features.subarray(row * width, (row + 1) * width),
        effects.subarray(row * size, (row + 1) * size),
        width,
      );
    }
  }

  #one(feature: Float32Array, effects: Float32Array, width: number): void {
    const { mean_effects, thresholds, directions } = this.#statistics;
    const neurons = thresholds.data.length;
    const centred = effects.map((x, i) => x - mean_effects.data[i]!);
    const sums = new Map(KEPT.map((name) => [name, new Float64Array(width)] as const));
    const put = (kept: Kept, neuron: number, from: Float32Array, scale = 1): void => {
      const sum = sums.get(kept)!;
      for (let i = 0; i < width; i++) sum[i]! += scale * from[neuron * width + i]!;
    };
    const firing = new Int8Array(neurons);
    for (let neuron = 0; neuron < neurons; neuron++) {
      const own = centred.subarray(neuron * width, (neuron + 1) * width);
      const along = dot(own, directions.data.subarray(neuron * width, (neuron + 1) * width));
      const alongRandom = dot(own, this.#others.subarray(neuron * width, (neuron + 1) * width));
      const square = dot(own, own);
      const fires = Math.sqrt(square) > thresholds.data[neuron]!;
      put("all", neuron, centred);
      put(fires ? "significant" : "insignificant", neuron, centred);
      put("rank 1", neuron, directions.data, along);
      put("rank 1, random", neuron, this.#others, alongRandom);
      if (!fires) continue;
      firing[neuron] = along > 0 ? 1 : -1;
      this.squares[neuron]! += square;
      this.along[neuron]! += along ** 2;
      this.alongRandom[neuron]! += alongRandom ** 2;
    }
    for (const neuron of draw(neurons, firing.filter((sign) => sign !== 0).length, this.#random)) {
      put("random", neuron, centred);
    }
    this.firing.push(firing);
    const all = sums.get("all")!;
    for (const [name, sum] of sums) this.kept[name].push(feature.map((x, i) => x - all[i]! + sum[i]!));
  }
}

function neuronFigures(
  { firing, squares, along, alongRandom }: EffectsTest,
  { concentrations }: NeuronStatistics,
  told: {
    readonly words: readonly Pick<SparseText, "words">[];
    readonly texts: readonly string[];
    readonly scenes: readonly Scene[];
    readonly random: Random;
  },
): NeuronFigures[] {
  const { words, texts, scenes, random } = told;
  const seen = new Map<number, Float64Array>();
  const truthOf = (text: number): Float64Array => {
    const known = seen.get(text);
    if (known !== undefined) return known;
    const said = valuesSaid(texts[text]!);
    const truth = Float64Array.from(scenes, (scene) => shareShown(scene, said));
    seen.set(text, truth);
    return truth;
  };
  const scoresOf = (neuron: number): Float64Array => {
    const scores = new Float64Array(scenes.length);
    for (const { text, coefficient } of words[neuron]!.words) {
      truthOf(text).forEach((share, i) => (scores[i]! += share * coefficient));
    }
    return scores;
  };
  return Array.from(squares, (square, neuron): NeuronFigures => {
    const fires = firing.map((signs) => signs[neuron] === 1);
    const share = firing.filter((signs) => signs[neuron] !== 0).length / scenes.length;
    const enough = fires.filter(Boolean).length >= FEWEST && fires.includes(false);
    const scores = scoresOf(neuron);
    const other = (neuron + 1 + random.below(words.length - 1)) % words.length;
    const ofSquare = (part: number): number | undefined =>
      share * scenes.length >= FEWEST ? part / square : undefined;
    return {
      concentration: concentrations.data[neuron]!,
      fires: share,
      explained: ofSquare(along[neuron]!),
      explainedRandom: ofSquare(alongRandom[neuron]!),
      area: enough ? areaUnderCurve(scores, fires) : undefined,
      areaOthersWords: enough ? areaUnderCurve(scoresOf(other), fires) : undefined,
      areaShuffled: enough ? areaUnderCurve(scores, random.shuffled(fires)) : undefined,
    };
  });
}

/** A unit direction in the span of each neuron's own directions [F,K,D], drawn at random: [F,D]. */
function randomDirections({ data, shape }: FloatTensor, random: Random): Float32Array {
  const [neurons, each, width] = shape as [number, number, number];
  const out = new Float32Array(neurons * width);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const own = out.subarray(neuron * width, (neuron + 1) * width);
    for (const [k, weight] of random.centred(each, 1).entries()) {
      const from = (neuron * each + k) * width;
      for (let i = 0; i < width; i++) own[i]! += weight * data[from + i]!;
    }
    const length = Math.sqrt(dot(own, own));
    if (length > 0) for (let i = 0; i < width; i++) own[i]! /= length;
  }
  return out;
}

async function allClasses(clip: Clip): Promise<[Attribute, SceneClasses][]> {
  const found: [Attribute, SceneClasses][] = [];
  for (const attribute of ATTRIBUTES) {
    found.push([attribute, await attributeClasses((texts) => clip.encodeText(texts), attribute)]);
  }
  return found;
}

/** For each scene, the share of attributes told right from features [n,D]. */
function sharesRight(
  classes: readonly [Attribute, SceneClasses][],
  scenes: readonly Scene[],
  features: FloatTensor,
): number[] {
  const right = new Array<number>(scenes.length).fill(0);
  for (const [attribute, values] of classes) {
    const told = predictions(features, values);
    for (const [i, scene] of scenes.entries()) {
      if (told[i] === valueOf(scene, attribute)) right[i]! += 1 / classes.length;
    }
  }
  return right;
}

/** `count` of the numbers below `bound`, each at most once. */
function draw(bound: number, count: number, random: Random): number[] {
  return random.shuffled(Array.from({ length: bound }, (_, i) => i)).slice(0, count);
}
