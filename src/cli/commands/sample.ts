/** `vitrine sample`: pictures out of noise. */
import { UsageError } from "../../engine/errors.js";
import { distances, idempotenceRatios, refine } from "../../methods/idempotent/project.js";
import { sampleNoise } from "../../methods/idempotent/sample-noise.js";
import { loadGenerator } from "../../models/idempotent/load.js";
import { picturesOfPixels } from "../../models/idempotent/pixels.js";
import { VERSION } from "../../version.js";
import type { GlobalOptions } from "../fail.js";
import { checkOutputs, writeOutputs } from "../generator/output.js";
import { commandProvenance } from "../provenance.js";
import { printable } from "../terminal-text.js";

export interface SampleOptions extends GlobalOptions {
  readonly model: string;
  readonly count: number;
  readonly steps: number;
  readonly seed: number;
  readonly columns?: number;
  readonly norm?: string;
  /** Numbers of samples between which to walk, and to add and subtract. */
  readonly between?: readonly (readonly number[])[];
  readonly arithmetic?: readonly (readonly number[])[];
  readonly out?: readonly string[];
  readonly force?: true;
}

/** Throws `UsageError`, `OutputExistsError`, and what loading and writing throw. */
export async function runSample(options: SampleOptions): Promise<void> {
  const { model, steps, seed, norm, out = [], force, json } = options;
  const started = new Date();
  if (out.length === 0 && !json) {
    const fix = "pass --out FILE.png for a page of pictures or --out FILE.safetensors for tensors";
    throw new UsageError({ what: "nothing to write the samples to", got: "no --out", fix });
  }
  checkOutputs(out, force);
  const { count: wanted, between = [], arithmetic = [] } = options;
  if (between.length > 0 && arithmetic.length > 0) {
    throw new UsageError({ what: "--between and --arithmetic at once", expected: "one or the other" });
  }
  const loaded = await loadGenerator(model);
  await using generator = loaded.generator;
  const { noise, columns } = sampleNoise(loaded, seed, { count: wanted, between, arithmetic });
  const mode = norm === undefined ? {} : { noise: norm, pictures: norm };
  // One step more than asked for: what another pass would change is what the figures say.
  const results = await refine(generator, noise, steps + 1, mode);
  const samples = results[steps - 1]!;
  const drifts = [...distances(results[steps]!, samples)];
  const ratios = idempotenceRatios(noise, results);
  await writeOutputs(out, {
    pictures: picturesOfPixels(samples),
    columns: options.columns ?? columns,
    tensors: { noise, samples },
    metadata: { method: "idempotent", version: VERSION, model, seed: String(seed), steps: String(steps) },
  });
  if (json) {
    const { architecture, use } = generator.parts;
    const document = {
      model: { ref: model, ...architecture, caveat: loaded.metadata["caveat"] },
      seed,
      steps,
      norm: mode.noise === undefined ? use : mode,
      count: samples.shape[0]!,
      ratios,
      drifts,
      files: out,
      provenance: commandProvenance(started),
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const count = samples.shape[0]!;
  const { caveat } = loaded.metadata;
  process.stdout.write(
    `${count} ${count === 1 ? "sample" : "samples"} of ${printable(model)}, seed ${seed}, f applied ${times(steps)}. ` +
      `One more pass changes them by ${(100 * ratios.at(-1)!).toFixed(1)}% of the way from the noise.\n` +
      (caveat === undefined ? "" : `${printable(caveat)}\n`) +
      `Wrote ${out.map(printable).join(", ")}.\n`,
  );
}

const times = (n: number): string => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);
