/**
 * Decides how each weight reaches ONNX Runtime: mapped from its file, or handed over as a buffer.
 *
 * @file Mapping costs no memory of ours. ONNX Runtime maps external data from one folder per session, so weights of
 * other folders, and spans that do not start at a multiple of their element size, are read into buffers.
 */
import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { LoweredGraph } from "../graph/lowering.js";
import type { OnnxTensor } from "../graph/onnx.js";
import { DTYPES } from "../tensor/dtype.js";
import type { FileSpan, StoredTensor } from "../tensor/stored.js";
import { RuntimeFailure } from "./errors.js";

type Weights = LoweredGraph["weights"];

export interface PlacedWeights {
  /** The folder that mapped files lie in; undefined when nothing is mapped. */
  readonly folder: string | undefined;
  readonly initializers: readonly OnnxTensor[];
  readonly buffers: { readonly path: string; readonly data: Uint8Array }[];
}

export async function placeWeights(weights: Weights): Promise<PlacedWeights> {
  const folder = fullestFolder(weights);
  const buffers: { path: string; data: Uint8Array }[] = [];
  const initializers = await Promise.all(
    weights.map(async ({ name, type, stored }): Promise<OnnxTensor> => {
      const { shape, bytes } = stored;
      if (!(bytes instanceof Uint8Array) && dirname(bytes.file) === folder && isAligned(stored, bytes)) {
        const { file, offset, length } = bytes;
        return { name, type, shape, data: { location: basename(file), offset, length } };
      }
      const data = bytes instanceof Uint8Array ? bytes : await readSpan(bytes);
      const path = `buffer/${name}`;
      buffers.push({ path, data });
      return { name, type, shape, data: { location: path, offset: 0, length: data.length } };
    }),
  );
  return { folder, initializers, buffers };
}

/** Equal for weights that lie at the same place, in the same order. */
export function identifyWeights(weights: Weights): string {
  return JSON.stringify(
    weights.map(({ name, type, stored: { shape, bytes } }) => [
      name,
      type,
      shape,
      bytes instanceof Uint8Array ? bufferIdentity(bytes) : bytes,
    ]),
  );
}

const bufferNumbers = new WeakMap<Uint8Array, number>();
let buffersSeen = 0;

function bufferIdentity(bytes: Uint8Array): number {
  const number = bufferNumbers.get(bytes) ?? ++buffersSeen;
  bufferNumbers.set(bytes, number);
  return number;
}

function fullestFolder(weights: Weights): string | undefined {
  const bytesByFolder = new Map<string, number>();
  for (const { stored } of weights) {
    if (stored.bytes instanceof Uint8Array) continue;
    const folder = dirname(stored.bytes.file);
    bytesByFolder.set(folder, (bytesByFolder.get(folder) ?? 0) + stored.bytes.length);
  }
  return [...bytesByFolder].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function isAligned({ dtype }: StoredTensor, { offset }: FileSpan): boolean {
  return offset % DTYPES[dtype].bytes === 0;
}

async function readSpan({ file, offset, length }: FileSpan): Promise<Uint8Array> {
  const data = new Uint8Array(length);
  const handle = await open(file);
  try {
    const { bytesRead } = await handle.read(data, 0, length, offset);
    if (bytesRead === length) return data;
    throw new RuntimeFailure({
      what: "a weights file ended early",
      where: file,
      got: `${bytesRead} bytes at offset ${offset}`,
      expected: `${length}`,
      fix: "get the file again: it is shorter than its header says",
    });
  } finally {
    await handle.close();
  }
}
