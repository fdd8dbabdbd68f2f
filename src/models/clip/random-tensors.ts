/** Weights drawn by what each tensor is for. */
import { Random } from "../../engine/tensor/random.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import type { LayoutTensor } from "./open-clip-tensors.js";

/** Shown wherever the model speaks. */
const CAVEAT = "Its weights are random: the arithmetic is exact, the words mean nothing.";

/** Writes them one at a time; the same seed gives the same bytes. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeRandomTensors(
  file: string,
  tensors: readonly LayoutTensor[],
  { seed, dtype }: { readonly seed: number; readonly dtype: "F32" | "F16" },
): Promise<void> {
  const declared = tensors.map(({ name, shape }) => ({ name, dtype, shape }));
  const metadata = { format: "pt", about: `random weights, seed ${seed}`, caveat: CAVEAT };
  await using writer = await SafetensorsWriter.create(file, declared, metadata);
  const random = new Random(seed);
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    const { mean, deviation } = spread(tensor);
    const values = random.centred(sizeOf(shape), deviation);
    if (mean !== 0) for (let i = 0; i < values.length; i++) values[i]! += mean;
    await writer.writeRows(name, 0, values);
  }
  await writer.finish();
}

/** Uniform around `mean`, for each role; a matrix [out, …] keeps the scale of its input. */
function spread({ shape, role }: LayoutTensor): { readonly mean: number; readonly deviation: number } {
  switch (role) {
    case "embedding":
      return { mean: 0, deviation: 1 };
    case "position":
      return { mean: 0, deviation: 0.5 };
    case "matrix":
      return { mean: 0, deviation: sizeOf(shape.slice(1)) ** -0.5 };
    case "projection":
      return { mean: 0, deviation: shape[0]! ** -0.5 };
    case "bias":
    case "offset":
      return { mean: 0, deviation: 0.1 };
    case "gain":
      return { mean: 1, deviation: 0.1 };
    case "scale":
      return { mean: Math.log(1 / 0.07), deviation: 0 };
  }
}
