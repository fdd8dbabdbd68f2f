/**
 * The training loop: steps, a log, evaluations, checkpoints, and going on where an earlier run ended.
 *
 * @file A run is a pure function of its recipe. What a step does depends on the parameters, the moments and the step's
 * number alone, so a run that resumes at a checkpoint ends with the same bits as one that was never stopped.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UsageError } from "../errors.js";
import type { Tensor } from "../tensor/tensor.js";
import { removeLeftovers, resume, saveCheckpoint } from "./checkpoint.js";
import { writeLossCurve } from "./loss-curve.js";
import { MetricsLog } from "./metrics-log.js";
import type { Recipe } from "./recipe.js";
import type { StepResult, TrainStep } from "./step.js";

type Batch = Readonly<Record<string, Tensor>>;

export interface Evaluation {
  /** In steps; the last step is evaluated too. */
  readonly every: number;
  /** Gets the number of updates done; what it returns goes into the log. It must not change parameters. */
  readonly run: (step: number) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
}

export interface TrainingProgress {
  /** Updates done. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Over the last few seconds; 0 when not known yet. */
  readonly stepsPerSecond: number;
  /** Seconds until the end at that speed; undefined when not known yet. */
  readonly secondsLeft: number | undefined;
}

export interface TrainOptions {
  /** Of the run: its checkpoints, `metrics.jsonl`, `loss.svg`. A run that is there goes on. */
  readonly folder: string;
  /** All that determines the run, as plain data: a run resumes only with an equal one. */
  readonly recipe: Recipe;
  /** Updates in all. */
  readonly steps: number;
  readonly step: TrainStep;
  /**
   * The inputs of update `step`, counted from 0. It must be a pure function: draw with `dataOrder` and `seeded`, never from
   * a stream that goes on from call to call.
   */
  readonly batch: (step: number) => Batch | Promise<Batch>;
  readonly evaluate?: Evaluation;
  /** In steps; default 10. The last step is logged too. */
  readonly logEvery?: number;
  /** Whichever comes first; default every 300 seconds. The end of the run always saves. */
  readonly checkpointEvery?: { readonly steps?: number; readonly seconds?: number };
  /** How many checkpoints to keep; default 2. */
  readonly keep?: number;
  /** When it aborts, the step under way is finished and saved, and `train` returns. See `onInterrupt`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface TrainResult {
  /** Updates done in all. */
  readonly step: number;
  /** Whether the signal ended the run before its last step. */
  readonly stopped: boolean;
  /** The step of the checkpoint that the run went on from; 0 for a new run. */
  readonly resumedAt: number;
  /** Of the last update; undefined when nothing was left to do. */
  readonly loss: number | undefined;
  /** Spent on the run, earlier parts included. */
  readonly seconds: number;
  /** The newest checkpoint. */
  readonly checkpoint: string | undefined;
}

/**
 * Trains to `steps` updates, or until `signal`. Throws `NonFiniteError` (nothing is saved then), `DiskFullError` and
 * `FileUnwritableError` (earlier checkpoints stay), `TrainingCheckpointError` and `RecipeChangedError` (nothing is
 * touched), and whatever `batch` and `evaluate` throw.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  checkOptions(options);
  const { folder, recipe, step } = options;
  const earlier = await resume(folder, step, recipe);
  await removeLeftovers(folder);
  using log = await MetricsLog.open(join(folder, "metrics.jsonl"), step.updates);
  return await new Run(options, log, earlier?.seconds ?? 0).toEnd();
}

class Run {
  readonly #options: TrainOptions;
  readonly #log: MetricsLog;
  readonly #resumedAt: number;
  readonly #clock: Clock;
  #saved: { readonly step: number; readonly at: number; readonly path?: string };

  constructor(options: TrainOptions, log: MetricsLog, secondsBefore: number) {
    this.#options = options;
    this.#log = log;
    this.#resumedAt = options.step.updates;
    this.#clock = new Clock(secondsBefore);
    this.#saved = { step: this.#resumedAt > 0 ? this.#resumedAt : -1, at: performance.now() };
  }

  async toEnd(): Promise<TrainResult> {
    const { steps, step, batch, signal } = this.#options;
    let loss: number | undefined;
    while (step.updates < steps && !aborted(signal)) {
      const result = await step.run(await batch(step.updates));
      ({ loss } = result);
      await this.#after(result);
      // Signals and timers get their turn: a run of the graph does not always give them one.
      await setImmediate();
    }
    if (step.updates !== this.#saved.step) await this.#save();
    if (step.updates > this.#resumedAt) await writeLossCurve(this.#options.folder);
    return {
      step: step.updates,
      stopped: step.updates < steps,
      resumedAt: this.#resumedAt,
      loss,
      seconds: this.#clock.seconds(),
      checkpoint: this.#saved.path,
    };
  }

  /** Log, evaluation, checkpoint, in this order: a checkpoint is never ahead of what was told of it. */
  async #after({ loss, metrics, gradientNorm, rate }: StepResult): Promise<void> {
    const {
      folder,
      steps,
      step,
      evaluate,
      logEvery = 10,
      checkpointEvery = { seconds: 300 },
      onProgress,
    } = this.#options;
    const done = step.updates;
    const due = (every: number): boolean => done % every === 0 || done === steps;
    const stepsPerSecond = this.#clock.tick(done);
    const seconds = Number(this.#clock.seconds().toFixed(3));
    if (due(logEvery)) {
      const speed = Number(stepsPerSecond.toPrecision(4));
      this.#log.append({ step: done, loss, ...metrics, lr: rate, gradientNorm, stepsPerSecond: speed, seconds });
    }
    onProgress?.({
      step: done,
      steps,
      loss,
      stepsPerSecond,
      secondsLeft: stepsPerSecond > 0 ? (steps - done) / stepsPerSecond : undefined,
    });
    if (evaluate !== undefined && due(evaluate.every)) {
      this.#log.append({ step: done, evaluation: await evaluate.run(done) });
    }
    const waited = (performance.now() - this.#saved.at) / 1000;
    if (due(checkpointEvery.steps ?? Infinity) || waited >= (checkpointEvery.seconds ?? Infinity)) {
      await this.#save();
      if (waited >= CURVE_SECONDS) await writeLossCurve(folder);
    }
  }

  async #save(): Promise<void> {
    const { folder, step, recipe, keep = 2 } = this.#options;
    this.#log.flush();
    const path = await saveCheckpoint(folder, step, { recipe, seconds: this.#clock.seconds() }, keep);
    this.#saved = { step: step.updates, at: performance.now(), path };
  }
}

/** Time spent, and speed over a window of a few seconds. */
class Clock {
  readonly #before: number;
  readonly #started = performance.now();
  #marks: { readonly step: number; readonly at: number }[] = [];

  constructor(secondsBefore: number) {
    this.#before = secondsBefore;
  }

  seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000;
  }

  /** Steps per second; 0 after the first step, which also makes the runtime warm up. */
  tick(step: number): number {
    const now = performance.now();
    this.#marks.push({ step, at: now });
    while (this.#marks.length > 2 && now - this.#marks[1]!.at > WINDOW_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    return step === first.step ? 0 : ((step - first.step) / (now - first.at)) * 1000;
  }
}

const WINDOW_MS = 10_000;
/** Who saves more often than this gets the curve at the end. */
const CURVE_SECONDS = 20;

function aborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function checkOptions({ steps, evaluate, logEvery = 1, checkpointEvery = {}, keep = 1 }: TrainOptions): void {
  const counts = {
    steps,
    logEvery,
    keep,
    "evaluate.every": evaluate?.every,
    "checkpointEvery.steps": checkpointEvery.steps,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isSafeInteger(count) && count > 0)) continue;
    throw new UsageError({ what: `bad ${name}`, got: String(count), expected: "a positive whole number" });
  }
}
