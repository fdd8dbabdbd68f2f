/**
 * Decides how each weight reaches ONNX Runtime: mapped from its file, or handed over as a buffer.
 *
 * @file Mapping costs no memory of ours. ONNX Runtime maps external data from one folder per session, and takes external
 * data either from files or from buffers. So a program whose weights lie in several folders has them all handed over,
 * unless those elsewhere are small enough to be part of the model.
 */
import { open, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { LoweredGraph } from "../graph/lowering.js";
import type { OnnxTensor } from "../graph/onnx.js";
import type { FileSpan, StoredTensor } from "../tensor/stored.js";
import { stampOf } from "../weights/file-stamp.js";
import { WeightsChangedError } from "./errors.js";

type Weights = LoweredGraph["weights"];

export interface PlacedWeights {
  /** The folder that mapped files lie in; undefined when nothing is mapped. */
  readonly folder: string | undefined;
  readonly initializers: readonly OnnxTensor[];
  readonly buffers: { readonly path: string; readonly data: Uint8Array }[];
}

/** Throws {@link WeightsChangedError} when a file is no longer the one its weights were found in. */
export async function placeWeights(weights: Weights): Promise<PlacedWeights> {
  await checkFiles(weights);
  const folder = fullestFolder(weights);
  const isMapped = ({ stored: { bytes } }: Weights[number]): boolean =>
    !(bytes instanceof Uint8Array) && dirname(bytes.file) === folder;
  const strays = weights.filter((weight) => !isMapped(weight));
  if (strays.every(({ stored }) => stored.bytes.length <= SMALL)) {
    const initializers = weights.map(async (weight) => (isMapped(weight) ? mapped(weight) : inline(weight)));
    return { folder, initializers: await Promise.all(initializers), buffers: [] };
  }
  const handed = await Promise.all(weights.map(handOver));
  return {
    folder: undefined,
    initializers: handed.map(([tensor]) => tensor),
    buffers: handed.map(([, buffer]) => buffer),
  };
}

/** Tensors up to this many bytes may be written into the model: biases, single directions. */
const SMALL = 64 * 1024;

function mapped({ name, type, stored: { shape, bytes } }: Weights[number]): OnnxTensor {
  const { file, offset, length } = bytes as FileSpan;
  return { name, type, shape, data: { location: basename(file), offset, length } };
}

async function inline({ name, type, stored }: Weights[number]): Promise<OnnxTensor> {
  return { name, type, shape: stored.shape, data: await bytesOf(stored) };
}

async function handOver({
  name,
  type,
  stored,
}: Weights[number]): Promise<[OnnxTensor, PlacedWeights["buffers"][number]]> {
  const data = await bytesOf(stored);
  const path = `buffer/${name}`;
  return [
    { name, type, shape: stored.shape, data: { location: path, offset: 0, length: data.length } },
    { path, data },
  ];
}

async function bytesOf({ bytes }: StoredTensor): Promise<Uint8Array> {
  return bytes instanceof Uint8Array ? bytes : readSpan(bytes);
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

async function checkFiles(weights: Weights): Promise<void> {
  const stamps = new Map<string, string>();
  for (const { stored } of weights) {
    if (!(stored.bytes instanceof Uint8Array)) stamps.set(stored.bytes.file, stored.bytes.stamp);
  }
  for (const [file, stamp] of stamps) {
    const stats = await stat(file, { bigint: true }).catch((cause: unknown) => {
      throw changed(file, cause);
    });
    if (stampOf(stats) !== stamp) throw changed(file);
  }
}

async function readSpan({ file, offset, length }: FileSpan): Promise<Uint8Array> {
  const data = new Uint8Array(length);
  const handle = await open(file);
  try {
    for (let done = 0; done < length;) {
      const { bytesRead } = await handle.read(data, done, length - done, offset + done);
      if (bytesRead === 0) throw changed(file);
      done += bytesRead;
    }
    return data;
  } finally {
    await handle.close();
  }
}

function changed(file: string, cause?: unknown): WeightsChangedError {
  return new WeightsChangedError({
    what: "a weights file was moved, deleted or written to since the model was loaded",
    where: file,
    fix: "load the model again",
    cause,
  });
}
