import { writeSafetensors } from "../weights/safetensors/write.js";
import type { Parameters } from "./parameters.js";

export interface ExportOptions {
  /** The running average in place of the trainable parameters; default false. */
  readonly averaged?: boolean;
  /** Element type in the file; default "F32". */
  readonly dtype?: "F32" | "F16" | "BF16";
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes all parameters, frozen ones included, under their own names as a safetensors file: a model, without what only
 * training needs. Throws `DiskFullError`, `FileUnwritableError`.
 */
export async function exportParameters(
  path: string,
  parameters: Parameters,
  { averaged = false, dtype = "F32", metadata = {} }: ExportOptions = {},
): Promise<void> {
  const trainable = new Set(parameters.trainable);
  const tensors = parameters.names.map((name) => {
    const isAverage = averaged && trainable.has(name);
    const { shape, data } = isAverage ? parameters.trackOf(name, "average") : parameters.tensor(name);
    return { name, dtype, shape, data };
  });
  await writeSafetensors(path, tensors, metadata);
}
