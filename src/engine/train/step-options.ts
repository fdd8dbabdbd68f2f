import { UsageError } from "../errors.js";
import { gradients } from "../graph/gradients.js";
import { reachable } from "../graph/lowering.js";
import type { Value } from "../graph/value.js";
import type { Device } from "../runtime/session.js";
import { showShape, sizeOf } from "../tensor/shape.js";
import { ParameterError } from "./errors.js";
import type { Optimiser } from "./optimisers.js";
import type { Parameters } from "./parameters.js";

export interface TrainStepOptions {
  /** A float32 scalar. */
  readonly loss: Value;
  /** Scalars to compute beside the loss, in the same run. */
  readonly metrics?: Readonly<Record<string, Value>>;
  readonly parameters: Parameters;
  readonly optimiser: Optimiser;
  /** Gradients are scaled down so that their common Euclidean norm is at most this. */
  readonly clipNorm?: number;
  /** Keeps a running average of the parameters, which holds on to this share of its old value per step (0.999, say). */
  readonly ema?: number;
  /** Default "cpu". */
  readonly device?: Device;
  /** Where to look, in this order, for the first value that is not finite when the loss or a gradient is not. */
  readonly sites?: ReadonlyMap<string, Value>;
}

/** Of the lines in a run's log. */
const LOG_KEYS = new Set(["step", "loss", "lr", "gradientNorm", "stepsPerSecond", "seconds", "evaluation"]);

/** The gradient of each trainable parameter, by name. */
export function parameterGradients({ loss, parameters }: TrainStepOptions): Map<string, Value> {
  const names = parameters.trainable;
  const values = gradients(
    loss,
    names.map((name) => parameters.value(name)),
  );
  return new Map(names.map((name, i) => [name, values[i]!]));
}

/** Throws {@link UsageError} or {@link ParameterError}. */
export function checkOptions(options: TrainStepOptions): void {
  const { loss, metrics = {}, parameters, clipNorm = 1, ema = 0 } = options;
  for (const [name, { dtype, shape }] of Object.entries({ loss, ...metrics })) {
    if (dtype === "float32" && sizeOf(shape) === 1) continue;
    throw new UsageError({
      what: "losses and metrics must be single numbers",
      where: name,
      got: `${dtype} ${showShape(shape)}`,
      expected: "float32 []",
    });
  }
  const reserved = Object.keys(metrics).find((name) => LOG_KEYS.has(name));
  if (reserved !== undefined) {
    throw new UsageError({ what: "the log uses this name itself", where: `metric ${reserved}`, fix: "choose another" });
  }
  if (!(clipNorm > 0)) throw new UsageError({ what: "bad clipNorm", got: String(clipNorm), expected: "more than 0" });
  if (!(ema >= 0 && ema < 1)) {
    throw new UsageError({ what: "bad ema", got: String(ema), expected: "from 0 to below 1" });
  }
  if (parameters.trainable.length === 0) throw new UsageError({ what: "every parameter is frozen", fix: "train some" });
  const used = reachable([loss]);
  const unused = parameters.trainable.find((name) => !used.has(parameters.value(name)));
  if (unused !== undefined) {
    throw new ParameterError({
      what: "the loss does not depend on a trainable parameter",
      where: unused,
      fix: "freeze it, or leave it out",
    });
  }
  checkMatrices(options);
}

function checkMatrices({ parameters, optimiser }: TrainStepOptions): void {
  for (const { name, shape } of parameters.arena.slots) {
    const { matrices } = optimiser.settingsOf(name);
    if (matrices === 0 || (shape.length > 1 && shape[0]! % matrices === 0)) continue;
    throw new ParameterError({
      what: "a parameter is not made of matrices",
      where: name,
      got: showShape(shape),
      expected: `two axes or more, the first a multiple of ${matrices}`,
      fix: "match fewer parameters in the optimiser's `matrices`",
    });
  }
}
