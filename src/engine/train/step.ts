/**
 * One step of training: a run of the graph for the loss and its gradients, then the optimiser.
 */
import type { Tensor } from "../tensor/tensor.js";
import { badRate, diagnose } from "./diagnose.js";
import { graphUpdate } from "./graph-update.js";
import { hostUpdate } from "./host-update.js";
import type { Optimiser } from "./optimisers.js";
import type { Parameters } from "./parameters.js";
import { checkOptions, type TrainStepOptions } from "./step-options.js";
import type { Update } from "./update.js";

export interface StepResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Euclidean norm of all gradients, before clipping. */
  readonly gradientNorm: number;
  /** The learning rate of this step, without the groups' scales. */
  readonly rate: number;
}

/** Second moments are squares in float32: beyond this norm they would overflow unseen. */
const LARGEST_NORM = 1e18;

/** Owns its program: dispose of it (or declare it with `await using`). Make it with {@link createTrainStep}. */
export class TrainStep implements AsyncDisposable {
  readonly parameters: Parameters;
  readonly optimiser: Optimiser;
  /** Whether a running average of the parameters is kept. */
  readonly averages: boolean;
  /** Updates so far; settable, for a run that resumes. */
  updates = 0;
  readonly #options: TrainStepOptions;
  readonly #update: Update;

  constructor(options: TrainStepOptions, update: Update) {
    this.parameters = options.parameters;
    this.optimiser = options.optimiser;
    this.averages = options.ema !== undefined;
    this.#options = options;
    this.#update = update;
  }

  /**
   * Runs the loss on `batch` (the graph's inputs apart from parameters) and updates the parameters in place. Throws
   * {@link NonFiniteError} when the loss or a gradient is NaN or infinite: nothing is updated then.
   */
  async run(batch: Readonly<Record<string, Tensor>>): Promise<StepResult> {
    const inputs = { ...this.parameters.inputs(), ...batch };
    const rate = this.optimiser.rate(this.updates);
    if (!Number.isFinite(rate)) throw badRate(rate, this.updates + 1);
    const { loss, metrics, gradientNorm, apply } = await this.#update.run(inputs, this.updates);
    if (!(Number.isFinite(loss) && gradientNorm <= LARGEST_NORM)) {
      throw await diagnose(this.#options, inputs, this.updates + 1, { loss, gradientNorm });
    }
    await apply();
    this.updates++;
    return { loss, metrics, gradientNorm, rate };
  }

  async dispose(): Promise<void> {
    await this.#update.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/**
 * Compiles what a training step needs. The running average, if there is one, starts from the parameters as they are now.
 * Throws {@link UsageError} for options out of range and {@link ParameterError} when the loss does not depend on a
 * trainable parameter.
 */
export async function createTrainStep(options: TrainStepOptions): Promise<TrainStep> {
  checkOptions(options);
  const { arena } = options.parameters;
  if (options.ema !== undefined) arena.all("average").set(arena.all("parameter"));
  const onHost = options.device === undefined || options.device === "cpu";
  return new TrainStep(options, await (onHost ? hostUpdate(options) : graphUpdate(options)));
}
