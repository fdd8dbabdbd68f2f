/**
 * One thing to measure, in a process of its own: its memory is its own, and two programs over the same weights need
 * not share a process (each keeps a packed copy).
 *
 * @file Started by `measure.ts`. Arguments: what, checkpoint folder, batch; the last two not for `matmul`.
 */
import { input, weight } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { compile } from "../../engine/runtime/compile.js";
import { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { decompose } from "../../methods/decompose/decompose.js";
import { loadClip } from "../../models/clip/load.js";
import { serve } from "./serve.js";
import { MATMUL_REPEATS, MATMUL_SIZE } from "./sizes.js";

const random = new Random(1);
const randomTensor = (shape: number[]): FloatTensor =>
  floatTensor(
    random.centred(
      shape.reduce((a, b) => a * b, 1),
      1,
    ),
    shape,
  );

const [, , what, folder, batch] = process.argv;
const run = what === "matmul" ? await prepareMatmul() : await prepare(what === "plain", folder!, Number(batch));
await serve(async () => {
  await run();
  return undefined;
});

/** A plain forward pass, or a decomposition. */
async function prepare(isPlain: boolean, checkpoint: string, count: number): Promise<() => Promise<unknown>> {
  const clip = await loadClip(checkpoint);
  const { imageSize } = clip.parts.vision;
  const pixels = randomTensor([count, 3, imageSize, imageSize]);
  return isPlain ? () => clip.encodeImage(pixels) : () => decompose(clip, pixels, { batch: count });
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
