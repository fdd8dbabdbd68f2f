/** Saving and restoring a training run. */
import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { VERSION } from "../../version.js";
import { sameShape, showShape } from "../tensor/shape.js";
import type { FloatTensor } from "../tensor/tensor.js";
import { makeFolder } from "../weights/atomic-file.js";
import { quote } from "../weights/errors.js";
import { readStored } from "../weights/read-stored.js";
import { readFailure } from "../weights/source-file.js";
import type { Json } from "../weights/strict-json.js";
import type { Track } from "./arena.js";
import { type CheckpointContent, readCheckpointFile, writeCheckpointFile } from "./checkpoint-file.js";
import { TrainingCheckpointError } from "./errors.js";
import type { Parameters } from "./parameters.js";
import { canonicalJson, type Recipe, requireSameRecipe } from "./recipe.js";
import type { TrainStep } from "./step.js";

/** What a checkpoint holds beside tensors. */
export interface RunState {
  /** Plain data that determine the run. */
  readonly recipe: Recipe;
  /** Time spent on the run so far, in seconds. */
  readonly seconds: number;
}

const FORMAT = "vitrine-training-1";
const NAME = /^step-(\d+)\.safetensors$/;
const LEFTOVER = /^\.(?:step-\d+\.safetensors|metrics\.jsonl|loss\.svg)\..*\.tmp$/;

/**
 * Writes `folder/step-NNNNNNNN.safetensors` with everything that the updates from here on depend on, then removes all but
 * the `keep` newest. Returns the path. Throws `DiskFullError` or `FileUnwritableError`; earlier checkpoints stay then.
 */
export async function saveCheckpoint(
  folder: string,
  step: TrainStep,
  { recipe, seconds }: RunState,
  keep: number,
): Promise<string> {
  const path = join(folder, `step-${String(step.updates).padStart(8, "0")}.safetensors`);
  await makeFolder(folder);
  await writeCheckpointFile(path, tensorsOf(step), {
    format: FORMAT,
    step: String(step.updates),
    optimiser: step.optimiser.name,
    frozen_sha256: digestOfFrozen(step.parameters),
    recipe: canonicalJson(recipe),
    seconds: seconds.toFixed(3),
    vitrine: VERSION,
  });
  const old = (await listCheckpoints(folder)).slice(Math.max(1, keep));
  await Promise.all(old.map((file) => rm(file, { force: true })));
  return path;
}

/** Paths of the complete checkpoints in `folder`, newest first; none when there is no such folder. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  return (await namesIn(folder))
    .flatMap((name) => {
      const step = NAME.exec(name)?.[1];
      return step === undefined ? [] : [{ name, step: Number(step) }];
    })
    .sort((a, b) => b.step - a.step)
    .map(({ name }) => join(folder, name));
}

/** Removes what writers that were killed have left in `folder`. */
export async function removeLeftovers(folder: string): Promise<void> {
  const leftovers = (await namesIn(folder)).filter((name) => LEFTOVER.test(name));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })));
}

/**
 * Brings `step` to where the newest checkpoint in `folder` left it; returns undefined when there is none. Nothing is changed
 * before the file was read and checked whole. Throws {@link TrainingCheckpointError} when the file is damaged (the
 * message names the newest that is not) or holds other parameters, and `RecipeChangedError`.
 */
export async function resume(folder: string, step: TrainStep, recipe: Recipe): Promise<RunState | undefined> {
  const [newest, ...older] = await listCheckpoints(folder);
  if (newest === undefined) return undefined;
  let content: CheckpointContent;
  try {
    content = await readCheckpointFile(newest);
  } catch (error) {
    throw error instanceof TrainingCheckpointError ? await withFallback(error, newest, older) : error;
  }
  const { metadata } = content;
  requireSameRecipe(JSON.parse(metadata["recipe"] ?? "null") as Json, recipe, newest);
  const targets = tensorsOf(step);
  checkContent(content, targets, step, newest);
  for (const [name, { data }] of targets) data.set(readStored(content.tensors.get(name)!).data);
  step.updates = Number(metadata["step"]);
  return { recipe, seconds: Number(metadata["seconds"]) };
}

/** Views of all that a checkpoint stores, under the names it has there. */
function tensorsOf({ parameters, optimiser, averages }: TrainStep): Map<string, FloatTensor> {
  const moments = (["moment1", "moment2"] as const).slice(0, optimiser.rule.moments);
  const tracks: readonly Track[] = ["parameter", ...moments, ...(averages ? (["average"] as const) : [])];
  return new Map(
    tracks.flatMap((track) =>
      parameters.trainable.map((name) => [`${track}:${name}`, parameters.trackOf(name, track)] as const),
    ),
  );
}

/** Frozen parameters are not stored, but a run that resumes must have the same. */
function digestOfFrozen(parameters: Parameters): string {
  const hash = createHash("sha256");
  for (const name of parameters.frozen) {
    const { data, shape } = parameters.tensor(name);
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

function checkContent(
  { metadata, tensors }: CheckpointContent,
  targets: ReadonlyMap<string, FloatTensor>,
  { optimiser, parameters }: TrainStep,
  path: string,
): void {
  const refuse = (got: string, expected: string): never => {
    const what = "a training checkpoint does not fit this run";
    throw new TrainingCheckpointError({ what, where: path, got, expected, fix: "train in another folder" });
  };
  if (metadata["format"] !== FORMAT) refuse(`format ${quote(metadata["format"] ?? "")}`, FORMAT);
  if (metadata["optimiser"] !== optimiser.name) {
    refuse(`optimiser ${quote(metadata["optimiser"] ?? "")}`, optimiser.name);
  }
  for (const [name, { shape }] of targets) {
    const stored = tensors.get(name);
    if (stored === undefined) refuse("no such tensor", name);
    else if (!sameShape(stored.shape, shape)) refuse(`${name} ${showShape(stored.shape)}`, showShape(shape));
  }
  const extra = [...tensors.keys()].find((name) => !targets.has(name));
  if (extra !== undefined) refuse(`tensor ${quote(extra)}`, "only those of this run");
  if (metadata["frozen_sha256"] !== digestOfFrozen(parameters)) {
    refuse("other values of the frozen parameters", "those that the run was started with");
  }
}

async function withFallback(
  error: TrainingCheckpointError,
  path: string,
  older: readonly string[],
): Promise<TrainingCheckpointError> {
  let fix = "delete it to start anew; there is no earlier checkpoint";
  for (const file of older) {
    const intact = await readCheckpointFile(file).then(
      () => true,
      () => false,
    );
    if (!intact) continue;
    fix = `delete it to go on from the newest intact one, ${file}`;
    break;
  }
  return new TrainingCheckpointError({ ...error.facts, where: path, fix });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw readFailure(folder, cause);
  });
}
