/** Generators on disk: loading and writing. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { readFailure } from "../../engine/weights/source-file.js";
import { exists, locateModel } from "../locate.js";
import { assembleGenerator, bankTensor, CONFIG_FILE, type LoadedGenerator, WEIGHTS_FILE } from "./assemble.js";
import { weightShapes } from "./architecture.js";
import type { Bank } from "./banks.js";
import { configText, type IdempotentConfig, MODEL_TYPE, noGenerator } from "./config.js";

/**
 * Loads an idempotent generator from a folder or from the zoo. Throws `UsageError` for one that is not there, and what
 * `assembleGenerator` and the readers of weights throw.
 */
export async function loadGenerator(ref: string): Promise<LoadedGenerator> {
  const { path } = await locateModel(ref, { offline: true });
  const file = join(path, CONFIG_FILE);
  if (!(await exists(file))) throw noGenerator(path, `no ${CONFIG_FILE}`);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw readFailure(file, cause);
  });
  return assembleGenerator(path, text, await openCheckpoint(join(path, WEIGHTS_FILE)));
}

/** Whether a reference is of a generator that lies on this machine. */
export async function holdsGenerator(ref: string): Promise<boolean> {
  const place = await locateModel(ref, { offline: true }).catch(() => undefined);
  if (place === undefined) return false;
  const config = await readFile(join(place.path, CONFIG_FILE), "utf8").catch(() => "");
  return new RegExp(`"model_type"\\s*:\\s*"${MODEL_TYPE}"`).test(config);
}

export interface GeneratorToWrite extends Omit<IdempotentConfig, "banks"> {
  readonly weight: (name: string) => FloatTensor;
  readonly banks: Readonly<Record<string, Bank>>;
  readonly spectrum?: LoadedGenerator["spectrum"];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes weights as F16 and statistics as F32. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeGenerator(folder: string, model: GeneratorToWrite): Promise<void> {
  const { architecture, weight, banks, spectrum, metadata } = model;
  await makeFolder(folder);
  const kernels = [...weightShapes(architecture)].map(([name, shape]) => {
    return { name, dtype: "F16" as const, shape, data: weight(name).data };
  });
  const exact = (name: string, { shape, data }: FloatTensor) => ({ name, dtype: "F32" as const, shape, data });
  const statistics = Object.entries(banks).flatMap(([bank, layers]) =>
    [...layers].flatMap(([path, { mean, variance }]) => [
      exact(bankTensor(bank, path, "mean"), mean),
      exact(bankTensor(bank, path, "variance"), variance),
    ]),
  );
  const spectral =
    spectrum === undefined
      ? []
      : [exact("spectrum.mean", spectrum.mean), exact("spectrum.deviation", spectrum.deviation)];
  await writeSafetensors(join(folder, WEIGHTS_FILE), [...kernels, ...statistics, ...spectral], metadata);
  await writeWhole(join(folder, CONFIG_FILE), configText({ ...model, banks: Object.keys(banks) }));
}
