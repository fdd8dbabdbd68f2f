/** @file From the pickle's tensors (storage, offset, shape, strides) to bytes in the file. */
import type { FileSpan, StoredTensor } from "../../tensor/stored.js";
import { quote } from "../errors.js";
import type { SourceFile } from "../source-file.js";
import { TorchLimitError, TorchStorageError } from "./errors.js";
import { gather, isContiguous, reach } from "./strides.js";
import type { PyStorage, PyTensor } from "./values.js";

/** Finds a storage's bytes; called once per storage. `budget`: how many bytes it may bring into memory. */
export type LocateStorage = (storage: PyStorage, budget: number) => Promise<FileSpan | Uint8Array>;

/** Bytes per file that may be brought into memory because they are compressed or not contiguous. */
const MAX_IN_MEMORY = 1 << 30;

export interface ResolvedTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly unsupported: ReadonlyMap<string, string>;
}

/**
 * Contiguous tensors become spans of the file; others are gathered into memory. Throws {@link TorchStorageError} for a
 * tensor that leaves its storage, {@link TorchLimitError} when too much would have to be in memory.
 */
export async function resolveTensors(
  pickled: ReadonlyMap<string, PyTensor>,
  file: SourceFile,
  locate: LocateStorage,
): Promise<ResolvedTensors> {
  const resolver = new Resolver(file, locate);
  const tensors = new Map<string, StoredTensor>();
  const unsupported = new Map<string, string>();
  for (const [name, tensor] of pickled) {
    const { stored } = tensor.dtype;
    if (stored === undefined) unsupported.set(name, tensor.dtype.label);
    else {
      const bytes = await resolver.bytesOf(tensor, `${file.path}: tensor ${quote(name)}`);
      tensors.set(name, { name, dtype: stored, shape: tensor.shape, bytes });
    }
  }
  return { tensors, unsupported };
}

class Resolver {
  private readonly located = new Map<string, FileSpan | Uint8Array>();
  private budget = MAX_IN_MEMORY;

  constructor(
    private readonly file: SourceFile,
    private readonly locate: LocateStorage,
  ) {}

  async bytesOf(tensor: PyTensor, where: string): Promise<FileSpan | Uint8Array> {
    const { shape, strides } = tensor;
    const width = tensor.dtype.bytes;
    const size = shape.reduce((product, n) => product * n, width);
    const storage = await this.storage(tensor.storage, where);
    // Elements from the tensor's first to its last, both included.
    const extent = size === 0 ? 0 : reach(shape, strides);
    const start = tensor.offset * width;
    const limit = tensor.storage.count * tensor.storage.dtype.bytes;
    if (strides.length !== shape.length || !(size <= Number.MAX_SAFE_INTEGER) || !(start + extent * width <= limit)) {
      throw new TorchStorageError({
        what: "tensor leaves its storage",
        where,
        got: `shape [${shape.join(",")}], strides [${strides.join(",")}], offset ${tensor.offset}`,
        expected: `within ${limit} bytes`,
      });
    }
    if (isContiguous(shape, strides)) return part(storage, start, size);
    this.spend(size, where);
    return gather(await this.load(part(storage, start, extent * width), where), width, shape, strides);
  }

  private async storage(storage: PyStorage, where: string): Promise<FileSpan | Uint8Array> {
    const known = this.located.get(storage.key);
    if (known !== undefined) return known;
    const bytes = await this.locate(storage, this.budget);
    if (bytes instanceof Uint8Array) this.spend(bytes.length, where);
    const expected = storage.count * storage.dtype.bytes;
    if (!(expected <= bytes.length)) {
      throw new TorchStorageError({
        what: "storage is shorter than the pickle says",
        where,
        got: `${bytes.length} bytes`,
        expected: `${expected}`,
      });
    }
    this.located.set(storage.key, bytes);
    return bytes;
  }

  /** A source for gathering is needed for a moment only, but has to fit all the same. */
  private async load(bytes: FileSpan | Uint8Array, where: string): Promise<Uint8Array> {
    if (bytes instanceof Uint8Array) return bytes;
    if (bytes.length > MAX_IN_MEMORY) throw tooMuch(where);
    return this.file.read(bytes.offset, bytes.length);
  }

  private spend(bytes: number, where: string): void {
    if (bytes > this.budget) throw tooMuch(where);
    this.budget -= bytes;
  }
}

function part(bytes: FileSpan | Uint8Array, start: number, length: number): FileSpan | Uint8Array {
  if (bytes instanceof Uint8Array) return bytes.subarray(start, start + length);
  return { ...bytes, offset: bytes.offset + (length === 0 ? 0 : start), length };
}

function tooMuch(where: string): Error {
  return new TorchLimitError({
    what: "too many compressed or non-contiguous tensors",
    where,
    expected: `at most ${MAX_IN_MEMORY} bytes of them in a file`,
    fix: "convert the file to safetensors",
  });
}
