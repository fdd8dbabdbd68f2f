import type { StoredTensor } from "../tensor/stored.js";
import { MissingTensorError, quote, UnsupportedDTypeError } from "./errors.js";
import { nearNames } from "./near-names.js";

export interface CheckpointFile {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Named tensors at rest, in one file or several. Opening one reads no weights. */
export interface Checkpoint {
  /** What was opened: a file or a folder, as given. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The files that hold the tensors. */
  readonly files: readonly CheckpointFile[];
  /** In the order of the file or index. */
  names(): readonly string[];
  has(name: string): boolean;
  /**
   * Throws `MissingTensorError`, which lists similar names, or `UnsupportedDTypeError` for a tensor of a type that Vitrine
   * does not compute with.
   */
  get(name: string): StoredTensor;
}

export interface CheckpointParts {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly files: readonly CheckpointFile[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly unsupported: ReadonlyMap<string, string>;
}

const SUGGESTIONS = 3;

/** The one implementation of {@link Checkpoint}, over tables of what the files hold. */
export function checkpointOf({ path, metadata, files, tensors, unsupported }: CheckpointParts): Checkpoint {
  const names = [...tensors.keys(), ...unsupported.keys()];
  return {
    path,
    metadata,
    files,
    names: () => names,
    has: (name) => tensors.has(name) || unsupported.has(name),
    get(name) {
      const stored = tensors.get(name);
      if (stored !== undefined) return stored;
      const dtype = unsupported.get(name);
      throw dtype === undefined ? missing(name, names, path) : unsupportedType(name, dtype, path);
    },
  };
}

function missing(name: string, names: readonly string[], path: string): Error {
  const near = nearNames(name, names, SUGGESTIONS).map(quote);
  return new MissingTensorError({
    what: `no tensor ${quote(name)}`,
    where: path,
    ...(near.length === 0 ? {} : { expected: `one of its ${names.length} tensors, such as ${near.join(", ")}` }),
    fix: "check that the checkpoint is of the model you ask for",
  });
}

function unsupportedType(name: string, dtype: string, path: string): Error {
  return new UnsupportedDTypeError({
    what: "unsupported element type",
    where: `${path}: tensor ${quote(name)}`,
    got: dtype,
    expected: "floats of 16 to 64 bits, integers or booleans",
    fix: "convert the checkpoint to float16 or float32",
  });
}
