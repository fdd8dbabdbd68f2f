/** Where training went wrong: the first value that is not finite, looked for with the same inputs. */
import type { Value } from "../graph/value.js";
import { compile } from "../runtime/compile.js";
import type { Tensor } from "../tensor/tensor.js";
import { NonFiniteError } from "./errors.js";
import { parameterGradients, type TrainStepOptions } from "./step-options.js";
import { LOSS } from "./update.js";

const ADVICE = "lower the learning rate, clip gradients, or look at the data of this step; nothing was updated by it";

/** The error for a step whose loss or gradients are not finite. `inputs` are those of the step, parameters among them. */
export async function diagnose(
  options: TrainStepOptions,
  inputs: Readonly<Record<string, Tensor>>,
  step: number,
  { loss, gradientNorm }: { readonly loss: number; readonly gradientNorm: number },
): Promise<NonFiniteError> {
  const { site, value } = badInput(inputs) ??
    (await badResult(options, inputs)) ?? { site: "gradients", value: gradientNorm };
  return new NonFiniteError(site, step, {
    what: `training met a number that is not finite at step ${step}`,
    where: site,
    got: `${value} (loss ${loss}, gradient norm ${gradientNorm})`,
    fix: ADVICE,
  });
}

export function badRate(rate: number, step: number): NonFiniteError {
  return new NonFiniteError("learning rate", step, {
    what: `training met a number that is not finite at step ${step}`,
    where: "learning rate",
    got: String(rate),
    fix: "repair the schedule",
  });
}

interface Bad {
  readonly site: string;
  readonly value: number;
}

function badInput(inputs: Readonly<Record<string, Tensor>>): Bad | undefined {
  for (const [key, tensor] of Object.entries(inputs)) {
    const value = badElement(tensor);
    if (value === undefined) continue;
    return { site: key.startsWith("param:") ? `parameter ${key.slice("param:".length)}` : `input ${key}`, value };
  }
  return undefined;
}

async function badResult(
  options: TrainStepOptions,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Bad | undefined> {
  const { loss, sites = new Map<string, Value>(), device } = options;
  const slopes = [...parameterGradients(options)].map(([name, value]) => [`gradient of ${name}`, value] as const);
  // Gradients run from the loss back to the first layer, and so does what is wrong with them.
  const candidates = [...sites, [LOSS, loss] as const, ...slopes.reverse()];
  const outputs = Object.fromEntries(candidates.map(([, value], i) => [String(i), value]));
  await using program = await compile(outputs, device === undefined ? {} : { device });
  const results = await program.run(inputs);
  for (const [i, [site]] of candidates.entries()) {
    const value = badElement(results[String(i)]!);
    if (value !== undefined) return { site, value };
  }
  return undefined;
}

function badElement({ dtype, data }: Tensor): number | undefined {
  // `find` would call a function per element of what may be hundreds of megabytes.
  if (dtype === "float32") for (const value of data) if (!Number.isFinite(value)) return value;
  return undefined;
}
