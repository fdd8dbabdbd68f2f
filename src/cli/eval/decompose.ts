/** `vitrine eval decompose`. */
import type { Claim } from "../../methods/claim.js";
import { ablationClaims } from "../../methods/decompose/evaluate-ablation.js";
import { completenessClaim } from "../../methods/decompose/evaluate-completeness.js";
import { type LabelledSkill, labelClaim, type LabelRun } from "../../methods/decompose/evaluate-labels.js";
import { evaluateSegmentation } from "../../methods/decompose/evaluate-segmentation.js";
import { spuriousClaim } from "../../methods/decompose/evaluate-spurious.js";
import { headSkills } from "../../methods/decompose/head-skills.js";
import { headsOnScenes, picksOnScenes } from "../../methods/decompose/scene-heads.js";
import { segmentationClaim } from "../../methods/decompose/segmentation-claim.js";
import { labelHeads } from "../../methods/interpret/properties.js";
import type { Clip } from "../../models/clip/clip.js";
import { SPURIOUS_RATE } from "../../recipes/clip-scenes/settings.js";
import { balancedPool, type ScenePool } from "../../methods/interpret/scene-lexicon.js";
import { type EvalSettings, scaled } from "./settings.js";

export async function decomposeEvaluation(settings: EvalSettings): Promise<Claim[]> {
  const [seed] = settings.seeds as [number];
  const { clip, untrained, doing } = settings;
  const tested = scaled(settings, 800);
  doing("mean ablation");
  const ablations = await ablationClaims(clip, await untrained(seed), { seed, count: tested });
  doing("heads reduced to texts");
  const completeness = await completenessClaim(clip, { seed, counts: [scaled(settings, 1000), tested] });
  return [...ablations, completeness, await labels(settings), await spurious(settings), await segmentation(settings)];
}

async function labels(settings: EvalSettings): Promise<Claim> {
  const { clip, seeds, untrained, doing } = settings;
  const runs: LabelRun[] = [];
  for (const seed of seeds) {
    doing(`labels of heads (seed ${seed})`);
    const pool = balancedPool(seed);
    runs.push({
      trained: await labelledSkills(clip, pool, seed, settings),
      untrained: await labelledSkills(await untrained(seed), pool, seed, settings),
    });
  }
  return labelClaim(runs, seeds[0]!);
}

async function spurious(settings: EvalSettings): Promise<Claim> {
  const { clip, seeds, untrained, doing } = settings;
  const [seed] = seeds as [number];
  doing("spurious correlation");
  const skills = await labelledSkills(clip, balancedPool(seed), seed, settings);
  return spuriousClaim(clip, {
    seed,
    rate: SPURIOUS_RATE,
    skills,
    labelled: skills.filter(({ label }) => label === "background"),
    untrained: await untrained(seed),
    count: scaled(settings, 300),
  });
}

async function labelledSkills(
  clip: Clip,
  { texts, assignments }: ScenePool,
  seed: number,
  settings: EvalSettings,
): Promise<LabelledSkill[]> {
  const heads = await headsOnScenes(clip, { seed, count: scaled(settings, 1000) });
  const labelled = labelHeads(await picksOnScenes(clip, heads, texts), texts, assignments);
  const counts = [scaled(settings, 1500), scaled(settings, 1000)] as const;
  const skills = await headSkills(clip, heads.layout, { seed, counts });
  return skills.map((skill, i) => ({ ...skill, label: labelled[i]!.label }));
}

async function segmentation(settings: EvalSettings): Promise<Claim> {
  const { clip, seeds, doing } = settings;
  doing("segmentation");
  return segmentationClaim(await evaluateSegmentation(clip, { count: scaled(settings, 600), seed: seeds[0]! }));
}
