import { showShape } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { sliceRows } from "../../engine/weights/slice-rows.js";
import { WeightShapeError } from "./errors.js";
import type { TensorSource } from "./tensor-source.js";

/** A checkpoint as a source; adds the names of what was taken to `taken`. */
export function checkpointSource(checkpoint: Checkpoint, taken: Set<string>): TensorSource<StoredTensor> {
  const take = (name: string, shape: readonly (number | undefined)[]): StoredTensor => {
    const stored = checkpoint.get(name);
    taken.add(name);
    const fits =
      stored.shape.length === shape.length && shape.every((n, i) => n === undefined || n === stored.shape[i]);
    if (fits && stored.shape.every((n) => n > 0)) return stored;
    throw new WeightShapeError({
      what: "a tensor does not have the shape that the model's other tensors ask for",
      where: `${checkpoint.path}: ${name}`,
      got: showShape(stored.shape),
      expected: `[${shape.map((n) => n ?? "any").join(",")}]`,
      fix: "get the checkpoint again, or check that its parts belong together",
    });
  };
  return { has: (name) => checkpoint.has(name), names: () => checkpoint.names(), take, rows: sliceRows };
}
