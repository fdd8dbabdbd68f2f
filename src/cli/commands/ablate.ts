/** `vitrine ablate`: what a model still tells right when components say the same of every picture. */
import { ablationFigures, constantAccuracy } from "../../methods/decompose/ablation-figures.js";
import { UNTOUCHED } from "../../methods/decompose/ablation-plans.js";
import { meanAblation } from "../../methods/decompose/ablation.js";
import { loadClip } from "../../models/clip/load.js";
import type { Attribute } from "../../worlds/scenes/index.js";
import { labelledSet, type LabelledSetOptions } from "../ablate/labelled-set.js";
import { ablationText, type AblationRun, refuseEarlierAblation, runDocument, writeAblation } from "../ablate/output.js";
import { checkPlanOptions, headPlans, type PlanOptions, reducedHeads } from "../ablate/plans.js";
import { usablePixels } from "../ablate/usable-pixels.js";
import { caveatOf } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { pictureSet } from "../pictures/picture-set.js";
import { countProgress } from "../progress.js";
import type { ModelOptions } from "./model-options.js";

export interface AblateCommandOptions extends ModelOptions, Omit<LabelledSetOptions, "group">, PlanOptions {
  readonly groupBy?: Attribute;
  readonly means?: readonly string[];
  readonly out?: string;
  readonly strict?: true;
  readonly force?: true;
}

/** Throws `UsageError` for what the model, the pictures or the labels have not; what loading models and pictures throws. */
export async function runAblate(images: readonly string[], options: AblateCommandOptions): Promise<void> {
  const { out, json, seed, scenes, batch, frame, groupBy: group, strict = false } = options;
  checkPlanOptions(options);
  if (out !== undefined && options.force === undefined) refuseEarlierAblation(out);
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using set = await labelledSet(clip, images, { ...options, ...(group && { group }) });
  const given = { scenes, seed, batch, ...(frame === undefined ? {} : { frame }) };
  await using others = options.means && (await pictureSet(clip, options.means, given));
  const pictures = usablePixels(set, { size: batch, strict });
  const over = others && usablePixels(others, { size: batch, strict });
  const plans = [UNTOUCHED, ...headPlans(clip, options)];
  const reduced = options.completeness && (await reducedHeads(clip, over ?? pictures, set.directions, options));
  plans.push(...(reduced?.plans ?? []));

  const progress = countProgress(set.names.length + (others ?? set).names.length, "readings of pictures");
  const runs = plans.flatMap((plan) => plan.runs);
  const { predicted } = await meanAblation(clip, pictures.pixels, set.directions, runs, {
    batch,
    reconstructions: reduced?.reconstructions ?? [],
    ...(over && { meansOver: over.pixels }),
    onProgress(read) {
      progress.update(read);
    },
  });
  progress.clear();
  const groups = set.groups && pictures.usable.map((i) => set.groups![i]!);
  const truth = { labels: pictures.usable.map((i) => set.labels[i]!), ...(groups && { groups }) };
  const answers = predicted.map(([told]) => Array.from(told!));
  const run: AblationRun = {
    clip,
    caveat: await caveatOf(clip),
    set,
    read: answers[0]!.length,
    skipped: [...pictures.skipped, ...(over?.skipped ?? [])],
    means: others?.title,
    seed,
    constant: constantAccuracy(truth),
    figures: ablationFigures(plans, answers, truth, seed),
  };
  const files = out === undefined ? [] : await writeAblation(out, run);
  process.stdout.write(json ? `${JSON.stringify({ ...runDocument(run), files })}\n` : ablationText(run, files));
}
