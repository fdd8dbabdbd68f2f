import { sizeOf } from "../../tensor/shape.js";
import { DTYPES } from "../../tensor/dtype.js";
import { quote, TensorDataError } from "../errors.js";
import type { TensorElements } from "./encode.js";
import type { TensorDeclaration } from "./layout.js";
import { SafetensorsWriter } from "./writer.js";

/** A tensor in memory. `data`: see {@link TensorElements} for which arrays suit which element type. */
export interface TensorToWrite extends TensorDeclaration {
  readonly data: TensorElements;
}

/**
 * Writes `tensors` as one safetensors file, whole or not at all: see {@link SafetensorsWriter}. An existing file of that
 * name is replaced. Throws {@link TensorDataError}, `DiskFullError`, `FileUnwritableError`.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using writer = await SafetensorsWriter.create(path, tensors, metadata);
  for (const { name, dtype, shape, data } of tensors) {
    const expected = sizeOf(shape);
    const got = data instanceof Uint8Array ? data.length / DTYPES[dtype].bytes : data.length;
    if (got !== expected) {
      throw new TensorDataError({
        what: "data do not fill the shape",
        where: `${path}: tensor ${quote(name)}`,
        got: `${got} elements`,
        expected: `${expected}`,
      });
    }
    if (expected > 0) await writer.writeRows(name, 0, data);
  }
  await writer.finish();
}
