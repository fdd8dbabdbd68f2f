/** The claim that maps of internal confidence show where an object is. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { concat } from "../../engine/graph/ops/shaping.js";
import { gather } from "../../engine/graph/ops/indexing.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { upsample } from "../../engine/media/upsample.js";
import { intTensor } from "../../engine/tensor/tensor.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { saidMask } from "../../worlds/scenes/index.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import type { DescribedScene } from "./described-scenes.js";

/** Pixels on each side that masks are compared at. */
const SIDE = 64;
/** Parts of a map's range, from its least value to its largest, tried as thresholds. */
const CUTS = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

interface Place {
  readonly scene: number;
  readonly mask: Uint8Array;
  /** By name: fine maps from 0 to 1. */
  readonly maps: Readonly<Record<string, Float32Array>>;
}

/** `chosenOn` are scenes that decide thresholds and the attention's block; the claim is about `described`. */
export async function placesClaim(
  model: VisionLanguageModel,
  chosenOn: readonly DescribedScene[],
  described: readonly DescribedScene[],
  seed: number,
): Promise<Claim> {
  const [known, tested] = [await placesOf(model, chosenOn), await placesOf(model, described)];
  const names = Object.keys(tested[0]!.maps);
  const cuts = new Map(names.map((name) => [name, bestCut(known, name)]));
  const scoreOf = (name: string): number => mean(known.map((place) => overlap(place, name, cuts.get(name)!)));
  const bestOf = (some: readonly string[]): string => some.reduce((a, b) => (scoreOf(b) > scoreOf(a) ? b : a));
  const attention = bestOf(names.filter((name) => name.startsWith("attention")));
  const confidence = bestOf([CONFIDENCE, LOGARITHM]);
  const scores = (name: string): number[] => tested.map((place) => overlap(place, name, cuts.get(name)!));
  const own = scores(confidence);
  const other = scores(confidence === CONFIDENCE ? LOGARITHM : CONFIDENCE);
  const rival = scores(attention);
  const whole = tested.map(({ mask }) => mask.reduce((total, one) => total + one, 0) / mask.length);
  const shuffled = tested.map((place, i) =>
    overlap({ ...place, maps: tested[(i + 7) % tested.length]!.maps }, confidence, cuts.get(confidence)!),
  );
  const ofScene = byScene(tested);
  const [a, b, c, d, e, ahead] = bootstrapEstimates(
    described.length,
    (members) => {
      const rows = Array.from(members).flatMap((scene) => ofScene[scene] ?? []);
      const of = (list: readonly number[]): number => mean(rows.map((row) => list[row]!));
      return [of(own), of(rival), of(shuffled), of(whole), of(other), of(own) - of(rival)];
    },
    { seed },
  ) as [Estimate, Estimate, Estimate, Estimate, Estimate, Estimate];
  const row = (name: string, kind: ClaimRow["kind"], figure: Estimate): ClaimRow => ({ name, kind, figures: [figure] });
  return {
    claim: "Maps of internal confidence show where an object is, better than attention does.",
    setting: `${tested.length} objects that captions rightly name, in ${described.length} scenes; intersection over union with the exact mask, at a threshold chosen for each way on other scenes, as is whether probabilities or their logarithms are compared. Intervals by resampling scenes.`,
    criterion:
      "Mean intersection over union exceeds that of the best block's attention (chosen on other scenes), the interval of the difference above 0.",
    holds: ahead.low > 0,
    found: `${showEstimate(a, "percent")} against ${showEstimate(b, "percent")}: ahead by ${showEstimate(ahead, "points")} points.`,
    tables: [
      {
        title: "Where an object is",
        columns: [{ name: "mean intersection over union", unit: "percent" }],
        rows: [
          row(confidence, "method", a),
          row(confidence === CONFIDENCE ? LOGARITHM : CONFIDENCE, "method", e),
          row(`${attention} from the word to the picture`, "baseline", b),
          row("another object's map", "control", c),
          row("the whole picture", "control", d),
        ],
      },
    ],
  };
}

const CONFIDENCE = "internal confidence";
const LOGARITHM = "logarithm of internal confidence";
/** Below this, probabilities are alike. */
const LEAST = 1e-12;

function byScene(places: readonly Place[]): number[][] {
  const rows: number[][] = [];
  for (const [i, { scene }] of places.entries()) (rows[scene] ??= []).push(i);
  return rows;
}

async function placesOf(model: VisionLanguageModel, described: readonly DescribedScene[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const [index, { scene, prompt, said, objects }] of described.entries()) {
    const real = objects.filter(
      ({ isReal }, i) => isReal && objects.findIndex((one) => one.object === objects[i]!.object) === i,
    );
    if (real.length === 0) continue;
    const attention = await attentionMaps(
      model,
      prompt,
      said.tokens.map(({ id }) => id),
    );
    for (const object of real) {
      const mask = saidMask(scene, object.word, SIDE);
      if (!mask?.includes(1)) continue;
      const token = said.tokens.findIndex(({ start, end }) => start < object.end && end > object.start);
      const { data: map } = object.belief.map;
      const maps = {
        [CONFIDENCE]: map,
        [LOGARITHM]: map.map((chance) => Math.log(Math.max(chance, LEAST))),
        ...attention(token),
      };
      places.push({
        scene: index,
        mask,
        maps: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, fine(map, model.grid)])),
      });
    }
  }
  return places;
}

/** Tokens that texts are filled up to: what comes after a token changes nothing of it. */
const FILLED = 48;

/** For each token said, the attention with which it was chosen, to image tokens: mean over heads, by block. */
async function attentionMaps(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  said: readonly number[],
): Promise<(token: number) => Record<string, Float32Array>> {
  const ids = Int32Array.from({ length: FILLED }, (_, i) => said[i] ?? 0);
  const whole = {
    ...prompt,
    key: `${prompt.key}+said`,
    length: prompt.length + FILLED,
    embed: (weights: Parameters<PicturePrompt["embed"]>[0]) =>
      concat([prompt.embed(weights), gather(weights.tokens, input("said", [1, FILLED], "int32"))], 1),
    inputs: { ...prompt.inputs, said: intTensor(ids, [1, FILLED]) },
  };
  const found = await model.language.run("patterns", whole, (graph) =>
    Object.fromEntries(graph.sites("lm.blocks.*.attn.pattern").map((pattern, i) => [`a${i}`, pattern])),
  );
  const { heads, layers } = model.language.config;
  return (token) =>
    Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => {
        const map = new Float32Array(prompt.imageTokens);
        for (let head = 0; head < heads; head++) {
          // A token is chosen at the one before it.
          const row = ((head * whole.length + prompt.length + token - 1) * whole.length + prompt.imageAt) | 0;
          for (let i = 0; i < map.length; i++) map[i]! += found[`a${layer}`]!.data[row + i]! / heads;
        }
        return [`attention of block ${layer}`, map];
      }),
    );
}

/** [SIDE·SIDE], from 0 to 1. */
function fine(map: Float32Array, grid: number): Float32Array {
  const out = upsample(map, { width: grid, height: grid }, { width: SIDE, height: SIDE }, "bilinear");
  const low = out.reduce((a, b) => Math.min(a, b), Infinity);
  const range = out.reduce((a, b) => Math.max(a, b), -Infinity) - low;
  return out.map((value) => (range === 0 ? 0 : (value - low) / range));
}

function bestCut(places: readonly Place[], name: string): number {
  const scored = CUTS.map((cut) => ({ cut, score: mean(places.map((place) => overlap(place, name, cut))) }));
  return scored.reduce((a, b) => (b.score > a.score ? b : a)).cut;
}

function overlap({ mask, maps }: Place, name: string, cut: number): number {
  const map = maps[name]!;
  let [both, either] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    const found = map[i]! > cut;
    if (found && mask[i] === 1) both++;
    if (found || mask[i] === 1) either++;
  }
  return either === 0 ? 0 : both / either;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
