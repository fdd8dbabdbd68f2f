import { VitrineError } from "../../../src/engine/errors.js";
import { DTYPES } from "../../../src/engine/tensor/dtype.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import type { TensorFile } from "../../../src/engine/weights/tensor-file.js";

/** A safetensors file with this header text; `length` overrides the true header length. */
export function safetensorsBytes(header: string | Uint8Array, dataLength: number, length?: bigint): Buffer {
  const json = Buffer.from(header as string);
  const file = Buffer.alloc(8 + json.length + dataLength);
  file.writeBigUInt64LE(length ?? BigInt(json.length));
  json.copy(file, 8);
  for (let i = 8 + json.length; i < file.length; i++) file[i] = i % 251;
  return file;
}

/** The error that `act` throws; fails unless it is the library's own. */
export async function errorOf(act: () => unknown): Promise<VitrineError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof VitrineError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Throws unless every tensor lies within its file and is as long as its shape says. */
export function assertSound({ path, size, tensors }: TensorFile): void {
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const expected = sizeOf(shape) * DTYPES[dtype].bytes;
    const inside =
      bytes instanceof Uint8Array || (bytes.file === path && bytes.offset >= 0 && bytes.offset + bytes.length <= size);
    if (bytes.length !== expected || !inside) throw new Error(`unsound tensor ${name}`);
  }
}
