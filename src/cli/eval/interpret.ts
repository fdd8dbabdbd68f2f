/** `vitrine eval interpret`. */
import { headsOnScenes, picksOnScenes } from "../../methods/decompose/scene-heads.js";
import type { Claim } from "../../methods/claim.js";
import { interpretClaims } from "../../methods/interpret/claims.js";
import { evaluateInterpret, type InterpretRun } from "../../methods/interpret/evaluate.js";
import { balancedPool, wholePool } from "../../methods/interpret/scene-lexicon.js";
import { type EvalSettings, scaled } from "./settings.js";

const SCENES = 1000;

export async function interpretEvaluation(settings: EvalSettings): Promise<Claim[]> {
  const { clip, seeds, untrained, doing } = settings;
  const count = scaled(settings, SCENES);
  const runs: Record<"balanced" | "whole", InterpretRun[]> = { balanced: [], whole: [] };
  for (const seed of seeds) {
    doing(`texts of all heads (seed ${seed})`);
    const other = await untrained(seed);
    const [trained, random] = [await headsOnScenes(clip, { seed, count }), await headsOnScenes(other, { seed, count })];
    const pools = { balanced: balancedPool(seed), whole: wholePool() };
    for (const kind of ["balanced", "whole"] as const) {
      const pool = pools[kind];
      runs[kind].push({
        pool,
        trained: await picksOnScenes(clip, trained, pool.texts),
        untrained: await picksOnScenes(other, random, pool.texts),
      });
    }
  }
  const [seed = 0] = seeds;
  const figures = {
    balanced: evaluateInterpret(runs.balanced, { seed }),
    whole: evaluateInterpret(runs.whole, { seed }),
  };
  return interpretClaims(
    { ...figures, runs: seeds.length },
    `Heads of the last 4 layers, 5 texts each over ${count} scenes, labelled by what most of them speak of; ${seeds.length} runs with scenes, texts and untrained models of their own.`,
  );
}
