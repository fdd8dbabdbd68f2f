/** From weights that are located and a configuration to a generator. Knows no file system. */
import { weight } from "../../engine/graph/ops/leaves.js";
import { sameShape, showShape } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { readHeaderOf } from "../../engine/weights/safetensors/locate.js";
import { checkpointOf } from "../../engine/weights/checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import { memoryFile } from "../../engine/weights/tensor-file.js";
import { WeightShapeError, WeightValueError } from "../clip/errors.js";
import { type IdempotentArchitecture, normedLayers, weightShapes } from "./architecture.js";
import type { Bank } from "./banks.js";
import { parseConfig } from "./config.js";
import { IdempotentGenerator } from "./generator.js";

export const WEIGHTS_FILE = "model.safetensors";
export const CONFIG_FILE = "config.json";

/** The name of a bank's tensor in the file of weights. */
export const bankTensor = (bank: string, path: string, kind: "mean" | "variance"): string =>
  `bank.${bank}.${path}.${kind}`;

/** A generator with what its files say of it. */
export interface LoadedGenerator {
  readonly generator: IdempotentGenerator;
  readonly noise: "gaussian" | "fourier";
  /** Of the file of weights: how it was made and what it does not know. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Statistics of the data's spectrum, for Fourier noise. */
  readonly spectrum?: { readonly mean: FloatTensor; readonly deviation: FloatTensor };
  /** The weights. */
  readonly files: Checkpoint["files"];
}

/** Throws `ModelConfigError`, `WrongFamilyError`, `MissingTensorError`, {@link WeightShapeError} and {@link WeightValueError}. */
export function assembleGenerator(folder: string, configText: string, checkpoint: Checkpoint): LoadedGenerator {
  const config = parseConfig(`${folder}/${CONFIG_FILE}`, configText);
  const { architecture, use, banks, noise } = config;
  const weights = new Map<string, StoredTensor>();
  for (const [name, shape] of weightShapes(architecture)) {
    weights.set(name, requireShape(checkpoint.get(name), shape, checkpoint.path));
  }
  const values = new Map([...weights].map(([name, stored]) => [name, weight(stored)]));
  const generator = new IdempotentGenerator({
    architecture,
    weight: (name) => values.get(name)!,
    banks: Object.fromEntries(banks.map((bank) => [bank, readBank(bank, architecture, checkpoint)])),
    use,
  });
  const spectral = (kind: string): FloatTensor =>
    readStored(requireShape(checkpoint.get(`spectrum.${kind}`), generator.spectrumShape, checkpoint.path));
  const spectrum = noise === "fourier" ? { mean: spectral("mean"), deviation: spectral("deviation") } : undefined;
  const { metadata, files } = checkpoint;
  return { generator, noise, metadata, files, ...(spectrum && { spectrum }) };
}

/** As `loadGenerator`, of files in memory (by name), which must stay as they are. `ref` names the model in messages. */
export async function loadGeneratorFromBytes(
  ref: string,
  files: Readonly<Record<typeof WEIGHTS_FILE | typeof CONFIG_FILE, Uint8Array<ArrayBuffer>>>,
): Promise<LoadedGenerator> {
  const path = `${ref}/${WEIGHTS_FILE}`;
  const file = await readHeaderOf(memoryFile(path, files[WEIGHTS_FILE]));
  const checkpoint = checkpointOf({ ...file, files: [{ path, size: file.size }] });
  return assembleGenerator(ref, new TextDecoder("utf-8", { fatal: true }).decode(files[CONFIG_FILE]), checkpoint);
}

function requireShape(stored: StoredTensor, shape: readonly number[], path: string): StoredTensor {
  if (sameShape(stored.shape, shape)) return stored;
  throw new WeightShapeError({
    what: "a weight does not fit the configuration",
    where: `${path}: ${stored.name}`,
    got: showShape(stored.shape),
    expected: showShape(shape),
    fix: "get the model again",
  });
}

function readBank(bank: string, architecture: IdempotentArchitecture, checkpoint: Checkpoint): Bank {
  return new Map(
    normedLayers(architecture).map(({ path, channels }) => {
      const of = (kind: "mean" | "variance"): FloatTensor =>
        readStored(requireShape(checkpoint.get(bankTensor(bank, path, kind)), [channels], checkpoint.path));
      const layer = { mean: of("mean"), variance: of("variance") };
      const bad = layer.variance.data.find((value) => !(value >= 0 && Number.isFinite(value)));
      if (bad === undefined) return [path, layer];
      throw new WeightValueError({
        what: "a variance must be a number from 0",
        where: `${checkpoint.path}: ${bankTensor(bank, path, "variance")}`,
        got: String(bad),
        fix: "get the model again",
      });
    }),
  );
}
