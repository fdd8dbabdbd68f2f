/** A CLIP in training: its features, its loss and every gradient, against PyTorch's in float64 over the same weights. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../../../src/engine/graph/gradients.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { gather } from "../../../src/engine/graph/ops/indexing.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { type FloatTensor, intTensor, type Tensor } from "../../../src/engine/tensor/tensor.js";
import { exportParameters } from "../../../src/engine/train/export.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import type { Architecture } from "../../../src/models/clip/architectures.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { openClipConfig } from "../../../src/models/clip/open-clip-config-file.js";
import { textTower, visionTokenFeatures, visionTower } from "../../../src/models/clip/towers.js";
import { clipDeclarations, contrastiveLoss, trainableWeights } from "../../../src/models/clip/trainable.js";
import type { BlockConfig } from "../../../src/models/clip/transformer.js";
import { largestDifference, readAll, type Tensors } from "../../support/clips.js";
import { ROOT } from "../../support/paths.js";
import { scratchFolder } from "../../support/scratch-folder.js";

/** As test/fixtures/torch-clip/make.py has them. */
const ARCHITECTURE: Architecture = {
  vision: { layers: 2, width: 24, heads: 3, hidden: 40, imageSize: 16, patchSize: 4 },
  text: { layers: 2, width: 16, heads: 2, hidden: 56 },
  features: 12,
};
const SIZES = { vocabulary: 20, contextLength: 9 };
const BATCH = 5;
/** The class token and the patches. */
const TOKENS = 17;
const BLOCKS = { activation: "gelu", epsilon: 1e-5 } as const;

const folder = scratchFolder();
let fixture: Tensors;
let parameters: Parameters;
let batch: Record<"pixels" | "tokens" | "ends", Tensor>;

beforeAll(async () => {
  fixture = await readAll(join(ROOT, "test/fixtures/torch-clip/expected.safetensors"));
  parameters = new Parameters(clipDeclarations(ARCHITECTURE, SIZES), { seed: 0 });
  for (const name of parameters.names) parameters.tensor(name).data.set(stored(`weight:${name}`).data);
  batch = { pixels: stored("pixels"), tokens: whole(stored("tokens")), ends: whole(stored("ends")) };
});

function stored(name: string): FloatTensor {
  return fixture.get(name)!;
}

function whole({ data, shape }: FloatTensor): Tensor<"int32"> {
  return intTensor(Int32Array.from(data), shape);
}

interface Graph {
  readonly images: Value;
  readonly texts: Value;
  readonly loss: Value;
}

interface GraphOptions {
  readonly fused?: boolean;
  /** How many tokens of each picture are kept. */
  readonly kept?: number;
}

function clipGraph({ fused = true, kept }: GraphOptions = {}): Graph {
  const weights = trainableWeights(parameters);
  const config = (heads: number): BlockConfig => ({ ...BLOCKS, heads, fused });
  const { vision, text } = ARCHITECTURE;
  const pixels = input("pixels", [BATCH, 3, vision.imageSize, vision.imageSize]);
  const rows = kept === undefined ? undefined : input("kept", [BATCH, kept], "int32");
  const images = visionTower(pixels, weights.vision, config(vision.heads), rows);
  const tokens = input("tokens", [BATCH, SIZES.contextLength], "int32");
  const texts = textTower(tokens, input("ends", [BATCH], "int32"), weights.text, config(text.heads));
  return { images, texts, loss: contrastiveLoss(images, texts, weights.logitScale) };
}

/** Features, loss, and the gradient of each parameter as `gradient:NAME`. */
async function evaluate(graph: Graph, inputs: Readonly<Record<string, Tensor>> = {}): Promise<Record<string, Tensor>> {
  const { names } = parameters;
  const slopes = gradients(
    graph.loss,
    names.map((name) => parameters.value(name)),
  );
  const outputs = Object.fromEntries(names.map((name, i) => [`gradient:${name}`, slopes[i]!]));
  await using program = await compile({ ...graph, ...outputs });
  return await program.run({ ...parameters.inputs(), ...batch, ...inputs });
}

/** Rows of all tokens [B·N]: of each picture the class token, then these patches, counted from 0. */
function keptRows(patches: FloatTensor): Tensor<"int32"> {
  const [, count] = patches.shape as [number, number];
  const rows = Array.from({ length: BATCH }, (_, b) => [
    b * TOKENS,
    ...[...patches.data.subarray(b * count, (b + 1) * count)].map((patch) => b * TOKENS + 1 + patch),
  ]);
  return intTensor(Int32Array.from(rows.flat()), [BATCH, count + 1]);
}

/** The largest difference, as a share of the largest element that is expected. */
function relativeDifference(actual: Tensor, expected: FloatTensor): number {
  const largest = expected.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  expect(largest).toBeGreaterThan(0);
  return largestDifference(actual.data, expected.data) / largest;
}

test("declares what PyTorch's model has", () => {
  const weights = [...fixture.keys()].filter((name) => name.startsWith("weight:"));
  expect(parameters.names.map((name) => `weight:${name}`).sort()).toEqual(weights.sort());
  for (const name of parameters.names) expect(parameters.tensor(name).shape).toEqual(stored(`weight:${name}`).shape);
});

test("every token's features: the class token's are the picture's, patches' are others", async () => {
  const weights = trainableWeights(parameters);
  const { vision } = ARCHITECTURE;
  const pixels = input("pixels", [BATCH, 3, vision.imageSize, vision.imageSize]);
  const tokens = visionTokenFeatures(pixels, weights.vision, { ...BLOCKS, heads: vision.heads, fused: true });
  expect(tokens.shape).toEqual([BATCH, TOKENS, ARCHITECTURE.features]);
  await using program = await compile({ tokens, images: clipGraph().images });
  const got = await program.run({ ...parameters.inputs(), ...batch });
  const width = ARCHITECTURE.features;
  for (let b = 0; b < BATCH; b++) {
    const row = (token: number): Float32Array =>
      got.tokens.data.subarray((b * TOKENS + token) * width, (b * TOKENS + token + 1) * width) as Float32Array;
    const image = got.images.data.subarray(b * width, (b + 1) * width) as Float32Array;
    expect(largestDifference(row(0), image)).toBeLessThan(1e-6);
    for (let token = 1; token < TOKENS; token++) expect(largestDifference(row(token), image)).toBeGreaterThan(1e-2);
  }
});

describe.each([
  ["with a site for everything in attention", false],
  ["with attention as one op", true],
])("%s", (_how, fused) => {
  test("features, loss and every gradient are PyTorch's", async () => {
    const got = await evaluate(clipGraph({ fused }));
    for (const name of ["images", "texts", "loss"])
      expect(relativeDifference(got[name]!, stored(name)), name).toBeLessThan(1e-5);
    for (const name of parameters.names) {
      const key = `gradient:${name}`;
      expect(got[key]!.shape).toEqual(stored(key).shape);
      expect(relativeDifference(got[key]!, stored(key)), name).toBeLessThan(1e-4);
    }
  });

  test("so are they where pictures keep some of their patches", async () => {
    const patches = stored("patches");
    const got = await evaluate(clipGraph({ fused, kept: patches.shape[1]! + 1 }), { kept: keptRows(patches) });
    expect(relativeDifference(got["images"]!, stored("masked_images"))).toBeLessThan(1e-5);
    expect(relativeDifference(got["loss"]!, stored("masked_loss"))).toBeLessThan(1e-5);
    for (const name of parameters.names)
      expect(relativeDifference(got[`gradient:${name}`]!, stored(`masked:${name}`)), name).toBeLessThan(1e-4);
  });
});

test("attention as one op changes neither loss nor gradients", async () => {
  const [open, fused] = [await evaluate(clipGraph({ fused: false })), await evaluate(clipGraph())];
  for (const [name, tensor] of Object.entries(open))
    expect(relativeDifference(fused[name]!, tensor as FloatTensor), name).toBeLessThan(1e-5);
});

test("all tokens in their order are as good as no choice of tokens", async () => {
  const plain = clipGraph().images;
  const chosen = clipGraph({ kept: TOKENS }).images;
  const kept = intTensor(
    Int32Array.from({ length: BATCH * TOKENS }, (_, i) => i),
    [BATCH, TOKENS],
  );
  await using program = await compile({ plain, chosen });
  const got = await program.run({ ...parameters.inputs(), ...batch, kept });
  expect(relativeDifference(got.chosen, got.plain as FloatTensor)).toBeLessThan(1e-6);
});

test("the order of the patches that are kept does not matter, which ones does", async () => {
  await using program = await compile({ images: clipGraph({ kept: 7 }).images });
  const features = async (kept: Tensor<"int32">): Promise<FloatTensor> =>
    (await program.run({ ...parameters.inputs(), ...batch, kept })).images as FloatTensor;
  const { data, shape } = keptRows(stored("patches"));
  const count = shape[1]!;
  const turned = data.map((_, i) => data[i - (i % count) + (i % count === 0 ? 0 : count - (i % count))]!);
  const all = await features(intTensor(data, shape));
  expect(relativeDifference(await features(intTensor(turned, shape)), all)).toBeLessThan(1e-5);
  // One patch of the first picture for another: its features change, those of the others do not.
  const other = data.slice();
  other[1] = Array.from({ length: TOKENS }, (_, i) => i).find((row) => !data.includes(row))!;
  const changed = await features(intTensor(other, shape));
  expect(largestDifference(changed.data.subarray(0, 12), all.data.subarray(0, 12))).toBeGreaterThan(1e-3);
  expect(largestDifference(changed.data.subarray(12), all.data.subarray(12))).toBe(0);
});

test("the order of the pairs does not change the loss, another pairing does", async () => {
  const { images, texts, loss } = clipGraph();
  const order = input("order", [BATCH], "int32");
  const { logitScale } = trainableWeights(parameters);
  const shuffled = contrastiveLoss(gather(images, order), gather(texts, order), logitScale);
  const mismatched = contrastiveLoss(gather(images, order), texts, logitScale);
  await using program = await compile({ loss, shuffled, mismatched });
  const got = await program.run({
    ...parameters.inputs(),
    ...batch,
    order: intTensor(Int32Array.of(3, 0, 4, 2, 1), [BATCH]),
  });
  expect(got.shuffled.data[0]).toBeCloseTo(got.loss.data[0]!, 5);
  expect(Math.abs(got.mismatched.data[0]! - got.loss.data[0]!)).toBeGreaterThan(0.01);
});

test("the factor on cosines stops at 100", async () => {
  const { images, texts } = clipGraph();
  const scale = input("scale", []);
  await using program = await compile({ loss: contrastiveLoss(images, texts, scale) });
  const at = async (factor: number): Promise<number> => {
    const logarithm = { dtype: "float32" as const, shape: [], data: Float32Array.of(Math.log(factor)) };
    const { loss } = await program.run({ ...parameters.inputs(), ...batch, scale: logarithm });
    return loss.data[0]!;
  };
  expect(await at(1000)).toBeCloseTo(await at(100), 4);
  expect(Math.abs((await at(90)) - (await at(100)))).toBeGreaterThan(0.1);
});

test("exported, and loaded as users do, it gives the features of the graph over its parameters", async () => {
  await exportParameters(join(folder, "open_clip_model.safetensors"), parameters);
  const settings = { ...BLOCKS, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;
  await writeFile(join(folder, "open_clip_config.json"), JSON.stringify(openClipConfig(ARCHITECTURE, SIZES, settings)));
  await using clip = await loadClip(folder);
  expect(clip.parts).toMatchObject({ vision: { heads: 3, layers: 2 }, text: { heads: 2, layers: 2 } });
  expect(clip.parts.logitScale).toBeCloseTo(Math.exp(1.7), 5);
  const { images, texts } = clipGraph({ fused: false });
  await using program = await compile({ images, texts });
  const got = await program.run({ ...parameters.inputs(), ...batch });
  const loaded = {
    images: await clip.encodeImage(batch.pixels as FloatTensor),
    texts: await clip.encodeText(batch.tokens as Tensor<"int32">),
  };
  for (const name of ["images", "texts"] as const)
    expect(relativeDifference(loaded[name], got[name] as FloatTensor), name).toBeLessThan(1e-6);
});
