/** The model that `vitrine decompose --off` and `--mean` ask for. */
import { intervene } from "../../methods/interventions/intervene.js";
import { checkIntervention, MEANS_SEED } from "../../methods/interventions/intervention.js";
import { interventionOf } from "../../methods/interventions/names.js";
import { SAMPLE_SCENES, sampleMeans } from "../../methods/interventions/sample.js";
import { sitesAtMean } from "../../methods/interventions/site-means.js";
import type { Clip } from "../../models/clip/clip.js";
import { countProgress } from "../progress.js";

export interface EditOptions {
  readonly off?: readonly string[];
  readonly mean?: readonly string[];
}

/** In words, as given; undefined where nothing is to be changed. */
export function describeEdit({ off = [], mean = [] }: EditOptions): string | undefined {
  const parts = [
    ...(off.length > 0 ? [`off: ${off.join(", ")}`] : []),
    ...(mean.length > 0 ? [`at the mean over ${SAMPLE_SCENES} scenes (seed ${MEANS_SEED}): ${mean.join(", ")}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** Throws `UsageError` for names that mean nothing, and for parts that the model has not. */
export async function editedClip(clip: Clip, { off = [], mean = [] }: EditOptions): Promise<Clip> {
  const intervention = interventionOf([
    ...off.map((name) => ({ name, to: "off" as const })),
    ...mean.map((name) => ({ name, to: "mean" as const })),
  ]);
  checkIntervention(clip, intervention);
  const sites = sitesAtMean(clip, intervention);
  if (sites.length === 0) return intervene(clip, intervention);
  const progress = countProgress(SAMPLE_SCENES, "pictures averaged");
  const means = await sampleMeans(clip, sites, {
    seed: MEANS_SEED,
    onProgress(read) {
      progress.update(read);
    },
  });
  progress.clear();
  return intervene(clip, intervention, means);
}
