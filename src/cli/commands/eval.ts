/** `vitrine eval`: the claims of a method's paper, measured on scenes, beside controls. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import type { Claim } from "../../methods/claim.js";
import type { Clip } from "../../models/clip/clip.js";
import { loadClip } from "../../models/clip/load.js";
import { untrainedLike } from "../../models/clip/untrained.js";
import { caveatOf } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { onEndingSignal } from "../ending-signals.js";
import { refuseEarlierClaims } from "../eval/claims-output.js";
import { decomposeEvaluation } from "../eval/decompose.js";
import { interpretEvaluation } from "../eval/interpret.js";
import { neuronEvaluation } from "../eval/neurons.js";
import { presentClaims } from "../eval/present-claims.js";
import type { EvalSettings } from "../eval/settings.js";
import type { ModelOptions } from "./model-options.js";

export interface EvalOptions extends ModelOptions {
  readonly seed: number;
  readonly seeds: number;
  readonly quick?: true;
  readonly out?: string;
  readonly force?: true;
}

const EVALUATIONS: Readonly<Record<string, (settings: EvalSettings) => Promise<Claim[]>>> = {
  decompose: decomposeEvaluation,
  neurons: neuronEvaluation,
  interpret: interpretEvaluation,
};

/** Of the numbers of scenes, where a quick look is asked for. */
const QUICK = 0.1;

/** Throws `UsageError` for an unknown method, and what loading models throws, `MissingPartError` for one that cannot read texts. */
export async function runEval(method: string, options: EvalOptions): Promise<void> {
  const { seed, seeds: count, quick = false, out } = options;
  const evaluation = Object.hasOwn(EVALUATIONS, method) ? EVALUATIONS[method] : undefined;
  if (evaluation === undefined) {
    const known = [...Object.keys(EVALUATIONS), "captions", "chair", "pope", "idempotent"];
    throw new UsageError({ what: "no evaluation of this", got: method, expected: known.join(", ") });
  }
  if (out !== undefined && options.force === undefined) refuseEarlierClaims(out);
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  await using others = await untrainedModels(clip);
  // A model that none can stand beside is refused now, not after minutes.
  await others.of(seed);
  const claims = await evaluation({
    clip,
    seeds,
    scale: quick ? QUICK : 1,
    untrained: (own) => others.of(own),
    doing(what) {
      process.stderr.write(`${what}\n`);
    },
  });
  await presentClaims({ method, ref: clip.parts.ref, caveat: await caveatOf(clip), seeds }, claims, options);
}

/** Models with random weights, one for each seed, in a folder of their own that goes when they do. */
async function untrainedModels(clip: Clip): Promise<AsyncDisposable & { of(seed: number): Promise<Clip> }> {
  const folder = await mkdtemp(join(tmpdir(), "vitrine-untrained-"));
  const stopListening = onEndingSignal(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const models = new Map<number, Clip>();
  return {
    async of(seed) {
      const known = models.get(seed);
      if (known !== undefined) return known;
      const model = await untrainedLike(clip, { folder: join(folder, String(seed)), seed });
      models.set(seed, model);
      return model;
    },
    async [Symbol.asyncDispose]() {
      stopListening();
      for (const model of models.values()) await model.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
