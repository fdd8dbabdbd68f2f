/**
 * One thing to measure, in a process of its own: its memory is its own, and two programs over the same weights need
 * not share a process (each keeps a packed copy).
 *
 * @file Started by `measure.ts`. Arguments: what, checkpoint folder, batch. Each message "run" is answered by the
 * milliseconds of one run and the peak of this process's memory so far. It lives until the process that started it ends
 * it, or is gone.
 */
import { input, weight } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/linear.js";
import { compile } from "../../engine/runtime/compile.js";
import { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { decompose } from "../../methods/decompose/decompose.js";
import { loadClip } from "../../models/clip/load.js";
import { MATMUL_REPEATS, MATMUL_SIZE } from "./sizes.js";

export type Workload = "plain" | "decompose" | "matmul";

export interface Measurement {
  readonly milliseconds: number;
  readonly peakBytes: number;
}

const random = new Random(1);
const randomTensor = (shape: number[]): FloatTensor =>
  floatTensor(
    random.centred(
      shape.reduce((a, b) => a * b, 1),
      1,
    ),
    shape,
  );

const [, , workload, folder, batch] = process.argv;
// A terminal sends Ctrl-C to this process too; who started it ends it then, and is not to take it for a crash.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());
process.on("message", () => {
  void measure();
});
const run = await prepare(workload as Workload, folder!, Number(batch));
await measure();

async function measure(): Promise<void> {
  const start = performance.now();
  await run();
  const milliseconds = performance.now() - start;
  const measurement: Measurement = { milliseconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
  // Nobody hears it when the process that started this one was killed: the end then, too.
  process.send!(measurement, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
}

async function prepare(what: Workload, checkpoint: string, count: number): Promise<() => Promise<unknown>> {
  if (what === "matmul") return prepareMatmul();
  const clip = await loadClip(checkpoint);
  const { imageSize } = clip.parts.vision;
  const pixels = randomTensor([count, 3, imageSize, imageSize]);
  return what === "plain" ? () => clip.encodeImage(pixels) : () => decompose(clip, pixels, { batch: count });
}

/** A product with a constant matrix, packed ahead, as in a layer of a model. */
async function prepareMatmul(): Promise<() => Promise<unknown>> {
  const shape = [MATMUL_SIZE, MATMUL_SIZE];
  const bytes = new Uint8Array(randomTensor(shape).data.buffer);
  const constant = weight({ name: "matrix", dtype: "F32", shape, bytes });
  const program = await compile({ product: matmul(input("x", shape), constant) });
  const x = randomTensor(shape);
  return async () => {
    for (let i = 0; i < MATMUL_REPEATS; i++) await program.run({ x });
  };
}
