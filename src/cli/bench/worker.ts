/**
 * One thing to measure, in a process of its own: its memory is its own, and two programs over the same weights need
 * not share a process (each keeps a packed copy).
 *
 * @file Started by `measure.ts`. Arguments: what, checkpoint folder, batch, and for `effects` and `coefficients` the layer; none for
 * `matmul`; for `sparse`, how many neurons, texts and dimensions.
 */
import { input, weight } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { compile } from "../../engine/runtime/compile.js";
import { Random } from "../../engine/tensor/random.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { decompose } from "../../methods/decompose/decompose.js";
import { headMaps, headRowLayout, headRows, lastLayers, SCALARS } from "../../methods/decompose/head-rows.js";
import { headSpans } from "../../methods/decompose/head-spans.js";
import { HeadStatistics } from "../../methods/decompose/head-statistics.js";
import { NeuronEffects } from "../../methods/neurons/second-order.js";
import { sparseText } from "../../methods/neurons/sparse-text.js";
import { textDictionary } from "../../methods/neurons/text-dictionary.js";
import type { Clip } from "../../models/clip/clip.js";
import { loadClip } from "../../models/clip/load.js";
import { serve } from "./serve.js";
import { ATOMS, HEAD_LAYERS, MATMUL_REPEATS, MATMUL_SIZE, SPAN_COUNT, SPAN_TEXTS } from "./sizes.js";

const random = new Random(1);
const randomTensor = (shape: number[]): FloatTensor =>
  floatTensor(
    random.centred(
      shape.reduce((a, b) => a * b, 1),
      1,
    ),
    shape,
  );

const [, , what, ...args] = process.argv;
const run = await prepare();
await serve(async () => {
  await run();
  return undefined;
});

async function prepare(): Promise<() => Promise<unknown>> {
  if (what === "matmul") return prepareMatmul();
  if (what === "sparse") return prepareSparse(args.map(Number) as [number, number, number]);
  const [folder, batch, layer] = [args[0]!, Number(args[1]), Number(args[2])];
  const clip = await loadClip(folder);
  const { imageSize } = clip.parts.vision;
  const pixels = randomTensor([batch, 3, imageSize, imageSize]);
  switch (what) {
    case "decompose":
      return () => decompose(clip, pixels, { batch });
    case "stream": {
      const layout = headRowLayout(clip, lastLayers(clip, HEAD_LAYERS));
      const statistics = new HeadStatistics(layout);
      return async () => {
        statistics.add((await headRows(clip, pixels, layout, { batch })).data);
      };
    }
    case "spans":
      return prepareSpans(clip);
    case "effects": {
      const effects = await NeuronEffects.of(clip, layer);
      return () => effects.effects(pixels, { batch });
    }
    case "coefficients": {
      const effects = await NeuronEffects.of(clip, layer);
      return () => effects.run("coefficients", pixels, (coefficients) => ({ coefficients }), { batch });
    }
    default:
      return () => clip.encodeImage(pixels);
  }
}

/** From moments as many random rows give, so that heads have all directions that they can have. */
function prepareSpans(clip: Clip): () => Promise<unknown> {
  const layout = headRowLayout(clip, lastLayers(clip, HEAD_LAYERS));
  const statistics = new HeadStatistics(layout);
  statistics.add(randomTensor([4 * (layout.headWidth + SCALARS), layout.width]).data);
  const pool = normaliseRows(randomTensor([SPAN_TEXTS, layout.features]));
  return async () => headSpans(clip, statistics, await headMaps(clip, layout), pool, { count: SPAN_COUNT });
}

/** Texts for directions of neurons. Random texts are spread as widely as can be, so that none of the directions ends early. */
function prepareSparse([neurons, texts, width]: [number, number, number]): () => Promise<unknown> {
  const dictionary = textDictionary(randomTensor([texts, width]));
  const directions = normaliseRows(randomTensor([neurons, width]));
  return () => sparseText(directions, dictionary, { atoms: ATOMS });
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
