/** Which ablations to run, and what to set beside them. */
import type { Random } from "../../engine/tensor/random.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { counted, type PlannedAblation } from "./ablation-figures.js";
import { cumulativeSweep, headsOfLayers, paperAblations, randomHeads } from "./ablation-runs.js";
import type { Ablation } from "./components.js";
import { placeAblation, PUBLISHED_PLACE_HEADS, type PublishedName } from "./published-heads.js";

export interface Draws {
  readonly draws: number;
  readonly random: Random;
}

export const UNTOUCHED: PlannedAblation = {
  name: "the model as it is",
  kind: "baseline",
  runs: [{ name: "the model as it is" }],
};

/** All MLPs, what the class token takes from itself (where there is one), both. */
export function partPlans(clip: Clip): PlannedAblation[] {
  const [, ...ablations] = paperAblations(clip);
  const usable = ablations.filter(({ selves }) => selves === undefined || clip.parts.vision.pooling === "class");
  return usable.map(method);
}

/** Heads of layers 0 to j for every j, each beside as many heads drawn at random. */
export function sweepPlans(clip: Clip, { draws, random }: Draws): PlannedAblation[] {
  const sweep = cumulativeSweep(clip);
  return sweep.flatMap((ablation, step) => {
    const { length } = ablation.heads!;
    // Of all heads there is one draw only: the ablation itself.
    const drawn = randomHeads(clip, length, step === sweep.length - 1 ? 0 : draws, random).map((heads) => ({
      name: "random",
      heads,
    }));
    const at = (line: string) => ({ at: { figure: "layers", line, step } as const });
    return [
      { ...method(ablation), ...at("heads of the first layers") },
      ...control(length, drawn).map((plan) => ({ ...plan, ...at("as many random heads") })),
    ];
  });
}

/** An ablation beside others of as many heads, drawn from the layers that its heads lie in; all else is as in it. */
export function besideRandom(clip: Clip, ablation: Ablation, { draws, random }: Draws): PlannedAblation[] {
  const heads = ablation.heads ?? [];
  const among = headsOfLayers(clip, layersOf(heads));
  const drawn = Array.from({ length: heads.length === among.length ? 0 : draws }, () => ({
    ...ablation,
    heads: random.shuffled(among).slice(0, heads.length),
  }));
  return [method(ablation), ...control(heads.length, drawn)];
}

/** The published ablation beside as many random heads in the place of the listed ones. Throws what `placeAblation` throws. */
export function publishedPlans(clip: Clip, name: PublishedName, { draws, random }: Draws): PlannedAblation[] {
  const { places } = PUBLISHED_PLACE_HEADS[name];
  const among = headsOfLayers(clip, layersOf(places));
  const drawn = Array.from({ length: draws }, () =>
    placeAblation(clip, name, random.shuffled(among).slice(0, places.length)),
  );
  const rest = { ...placeAblation(clip, name, []), name: "early heads and MLPs alone" };
  return [
    method(placeAblation(clip, name)),
    { name: rest.name, kind: "control", runs: [rest] },
    ...control(places.length, drawn),
  ];
}

const method = (ablation: Ablation): PlannedAblation => ({ name: ablation.name, kind: "method", runs: [ablation] });

function control(heads: number, runs: readonly Ablation[]): PlannedAblation[] {
  if (runs.length === 0) return [];
  return [
    { name: `${counted(heads, "random head")} instead (${counted(runs.length, "draw")})`, kind: "control", runs },
  ];
}

function layersOf(heads: readonly HeadPlace[]): number[] {
  return [...new Set(heads.map(({ layer }) => layer))].sort((a, b) => a - b);
}
