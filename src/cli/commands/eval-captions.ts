/** `vitrine eval captions`: the claims about what a vision-language model believes, measured on scenes. */
import { chooseErasure } from "../../methods/captions/choose-erasure.js";
import { type DescribedScene, describeScenes, drawScenes, promptsOf } from "../../methods/captions/described-scenes.js";
import type { AutoErase } from "../../methods/captions/detect.js";
import { detectionClaim } from "../../methods/captions/evaluate-detection.js";
import { erasureClaim } from "../../methods/captions/evaluate-erasure.js";
import { placesClaim } from "../../methods/captions/evaluate-places.js";
import { loadVlm, type LoadVlmOptions } from "../../models/vlm/load.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { untrainedVlm } from "../../models/vlm/untrained.js";
import { modelCaveat } from "../captions/caveat.js";
import { downloadProgress } from "../download-progress.js";
import { refuseEarlierClaims } from "../eval/claims-output.js";
import { presentClaims, type PresentOptions } from "../eval/present-claims.js";

export interface EvalCaptionsOptions extends LoadVlmOptions, PresentOptions {
  /** Default "vlm-scenes". */
  readonly model?: string;
  readonly seed: number;
  readonly force?: true;
}

/** Scenes: to choose settings on, and to report. */
const CHOSEN_ON = 100;
const REPORTED = 400;
const QUICK = 0.1;
const LEAST = 24;

/** Throws what loading models throws, and `OutputExistsError`. */
export async function runEvalCaptions(options: EvalCaptionsOptions): Promise<void> {
  const { model: ref = "vlm-scenes", seed, quick, out } = options;
  if (out !== undefined && options.force === undefined) refuseEarlierClaims(out);
  await using model = await loadVlm(ref, { ...options, ...downloadProgress() });
  await using untrained = untrainedVlm(model, seed);
  const scaled = (count: number): number => (quick ? Math.max(LEAST, Math.round(QUICK * count)) : count);
  // Without the correlation of training: what the model takes to go together is then often not there.
  const scenes = (offset: number, count: number) => drawScenes(seed + offset, scaled(count), { combinations: "seen" });
  doing("describing scenes");
  const chosenOn = await describeScenes(model, scenes(20_000, CHOSEN_ON));
  const reported = await describeScenes(model, scenes(30_000, REPORTED));
  doing("objects that are there and others");
  const prompts = await promptsOf(
    untrained,
    reported.map(({ scene }) => scene),
  );
  const claims = [await detectionClaim(model, untrained, reported, prompts, seed)];
  claims.push(await erasureClaim(model, reported, await settingsOf(model, chosenOn), seed));
  if (model.hasPatches) {
    doing("where objects are");
    claims.push(await placesClaim(model, chosenOn, reported, seed));
  } else {
    doing("no maps to judge: image tokens are learnt queries and stand for no place in the picture");
  }
  const caveat = modelCaveat(model);
  await presentClaims({ method: "captions", ref: model.parts.ref, caveat, seeds: [seed] }, claims, options);
}

/** The model's own, chosen when it was trained, on scenes that no report is of; else chosen here. */
async function settingsOf(model: VisionLanguageModel, chosenOn: readonly DescribedScene[]): Promise<AutoErase> {
  const { erase } = model.parts.config;
  if (erase === undefined) doing("choosing what to erase, on other scenes");
  const settings = erase ?? (await chooseErasure(model, chosenOn, doing));
  doing("erasing");
  return settings;
}

function doing(what: string): void {
  process.stderr.write(`${what}\n`);
}
