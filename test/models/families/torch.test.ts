/** Features of every family against PyTorch's, in float64, from the published definitions (test/fixtures/torch-vits). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FloatTensor, intTensor } from "../../../src/engine/tensor/tensor.js";
import { openCheckpoint } from "../../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { loadClip, type LoadOptions } from "../../../src/models/clip/load.js";
import { largestDifference, type Tensors, writeAll } from "../../support/clips.js";
import { ROOT } from "../../support/paths.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const expected = await openCheckpoint(join(ROOT, "test/fixtures/torch-vits/expected.safetensors"));

function tensorsOf(model: string): Tensors {
  const names = expected.names().filter((name) => name.startsWith(`${model}:`) && name !== "siglip:tokens");
  return new Map(names.map((name) => [name.slice(model.length + 1), readStored(expected.get(name))]));
}

const NO_WEIGHTS = ["pixels", "features", "tokens", "text_features"];

async function written(model: string, files: Readonly<Record<string, object>>): Promise<string> {
  const made = join(folder, model);
  mkdirSync(made);
  const weights = [...tensorsOf(model)].filter(([name]) => !NO_WEIGHTS.includes(name));
  await writeAll(join(made, "model.safetensors"), new Map(weights));
  for (const [file, json] of Object.entries(files)) writeFileSync(join(made, file), JSON.stringify(json));
  return made;
}

/** Largest difference, as a part of the features' length. */
function error(got: FloatTensor, wanted: FloatTensor): number {
  expect(got.shape).toEqual(wanted.shape);
  return largestDifference(got.data, wanted.data) / Math.hypot(...wanted.data.subarray(0, wanted.shape[1]));
}

const HEADS = { num_attention_heads: 3 };
const crop = (side: number): object => ({ size: { shortest_edge: side }, crop_size: side, do_center_crop: true });

const CASES: readonly (readonly [string, Readonly<Record<string, object>>, LoadOptions])[] = [
  ["vit", { "config.json": { model_type: "vit", image_size: 12, ...HEADS } }, {}],
  // Positions learnt on 5 × 5 patches, brought to 3 × 3 for the pictures that the processor cuts out.
  [
    "dinov2",
    { "config.json": { model_type: "dinov2", image_size: 20, ...HEADS }, "preprocessor_config.json": crop(12) },
    {},
  ],
  [
    "dinov2_with_registers",
    {
      "config.json": { model_type: "dinov2_with_registers", image_size: 12, use_swiglu_ffn: true, ...HEADS },
      "preprocessor_config.json": crop(16),
    },
    {},
  ],
  [
    "siglip",
    { "config.json": { model_type: "siglip", vision_config: { image_size: 12, ...HEADS }, text_config: HEADS } },
    {},
  ],
];

test.each(CASES)("%s", async (model, files, options) => {
  const { pixels, features, text_features } = Object.fromEntries(tensorsOf(model));
  await using clip = await loadClip(await written(model, files), options);
  expect(error(await clip.encodeImage(pixels!), features!)).toBeLessThan(2e-6);
  if (model !== "siglip") return;
  // As in the fixture's `siglip:tokens`.
  const tokens = intTensor(Int32Array.of(4, 9, 3, 1, 1, 1, 10, 2, 2, 7, 5, 1), [2, 6]);
  expect(error(await clip.encodeText(tokens), text_features!)).toBeLessThan(2e-6);
  // Rows that are too short are filled with the padding that the text tower sees.
  const short = intTensor(Int32Array.of(4, 9, 3, 1), [1, 4]);
  expect((await clip.encodeText(short)).data).toEqual(
    (await clip.encodeText(tokens)).data.slice(0, text_features!.shape[1]),
  );
});

test("DINO's own files, at another size than positions were learnt on", async () => {
  const { pixels, features } = Object.fromEntries(tensorsOf("original"));
  const file = join(await written("original", {}), "model.safetensors");
  await using clip = await loadClip(file, { imageSize: 16 });
  expect(clip.parts.source).toMatchObject({ family: "vit", layout: "timm" });
  expect(error(await clip.encodeImage(pixels!), features!)).toBeLessThan(2e-6);
});
