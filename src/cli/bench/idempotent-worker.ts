/** Projections of single pictures, in a process of their own. Started by `measure.ts`. Argument: the architecture's name. */
import { weight } from "../../engine/graph/ops/leaves.js";
import { Random } from "../../engine/tensor/random.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import { normedLayers } from "../../models/idempotent/architecture.js";
import { IdempotentGenerator } from "../../models/idempotent/generator.js";
import { PROJECTED, startsOf } from "./idempotent-model.js";
import { serve } from "./serve.js";
import { tensorOf } from "./train-models.js";

const architecture = PROJECTED[process.argv[2]!]!;
const weights = new Map(
  startsOf(architecture).map((start) => {
    const bytes = new Uint8Array((tensorOf(start).data as Float32Array<ArrayBuffer>).buffer);
    return [start.name, weight({ name: start.name, dtype: "F32", shape: start.shape, bytes })];
  }),
);
const filled = (count: number, value: number) => floatTensor(new Float32Array(count).fill(value), [count]);
const bank = new Map(
  normedLayers(architecture).map(({ path, channels }) => [
    path,
    { mean: filled(channels, 0), variance: filled(channels, 1) },
  ]),
);
const generator = new IdempotentGenerator({
  architecture,
  weight: (name) => weights.get(name)!,
  banks: { settled: bank },
  use: { noise: "settled", pictures: "settled" },
});
const { size, channels } = architecture;
const picture = floatTensor(new Random(1).centred(channels * size * size, 0.5), [1, channels, size, size]);
await serve(async () => {
  await generator.run(picture, { mode: "settled" });
  return undefined;
});
