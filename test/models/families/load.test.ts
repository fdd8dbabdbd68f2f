/** Layouts and configurations of other families than CLIP: what they mean, and what is refused. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { settingsOf } from "../../../src/models/clip/config.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { type RandomFamily, writeRandomFamily } from "../../../src/models/families/random-checkpoint.js";
import { classify } from "../../../src/methods/decompose/zero-shot.js";
import { largestDifference, randomPixels, readAll, type Tensors, writeAll } from "../../support/clips.js";
import { mutate } from "../../support/mutate.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { scratchFolder } from "../../support/scratch-folder.js";

// Heads of 64, as published models have: original files do not say.
const SIZES = { layers: 2, width: 128, heads: 2, hidden: 96, imageSize: 32, patchSize: 8 };
const root = scratchFolder();
const pixels = randomPixels(2, SIZES.imageSize);

async function original(family: RandomFamily, more = {}): Promise<string> {
  const folder = join(root, `${family}${JSON.stringify(more).replace(/\W/g, "")}`);
  await writeRandomFamily(folder, family, { ...SIZES, ...more }, { seed: 2 });
  return folder;
}

let made = 0;
async function variant(
  family: RandomFamily,
  change: { tensors?: (all: Tensors) => void; config?: object | null },
): Promise<string> {
  const from = await original(family);
  const folder = join(root, `variant-${made++}`);
  mkdirSync(folder);
  const all = await readAll(from);
  change.tensors?.(all);
  await writeAll(join(folder, "model.safetensors"), all);
  const config = JSON.parse(readFileSync(join(from, "config.json"), "utf8")) as object;
  if (change.config !== null)
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, ...change.config }));
  return folder;
}

async function errorOf(folder: string): Promise<VitrineError> {
  try {
    await loadClip(folder);
  } catch (error) {
    if (error instanceof VitrineError) return error;
    throw error;
  }
  throw new Error("expected a VitrineError");
}

/** Rewrites Hugging Face's layout of ViT or DINOv2 as that of the original releases. */
function toOriginal(all: Tensors): Tensors {
  const out: Tensors = new Map();
  for (const [name, tensor] of all) {
    const fused = /^encoder\.layer\.(\d+)\.attention\.attention\.query\.(weight|bias)$/.exec(name);
    if (fused !== null) {
      const parts = ["query", "key", "value"].map((part) => all.get(name.replace("query", part))!);
      out.set(`blocks.${fused[1]!}.attn.qkv.${fused[2]!}`, stacked(parts));
    } else if (!/attention\.(key|value)/.test(name)) {
      out.set(
        RENAMES.reduce((key, [pattern, replacement]) => key.replace(pattern, replacement), name),
        tensor,
      );
    }
  }
  return out;
}

const RENAMES: readonly (readonly [RegExp, string])[] = [
  [/^embeddings\.cls_token$/, "cls_token"],
  [/^embeddings\.mask_token$/, "mask_token"],
  [/^embeddings\.register_tokens$/, "register_tokens"],
  [/^embeddings\.position_embeddings$/, "pos_embed"],
  [/^embeddings\.patch_embeddings\.projection/, "patch_embed.proj"],
  [/^encoder\.layer\./, "blocks."],
  [/^layernorm\./, "norm."],
  [/\.attention\.output\.dense/, ".attn.proj"],
  [/\.layernorm_before/, ".norm1"],
  [/\.layernorm_after/, ".norm2"],
  [/\.intermediate\.dense/, ".mlp.fc1"],
  [/^(blocks\.\d+)\.output\.dense/, "$1.mlp.fc2"],
  [/\.layer_scale(\d)\.lambda1/, ".ls$1.gamma"],
  [/\.mlp\.weights_in/, ".mlp.w12"],
  [/\.mlp\.weights_out/, ".mlp.w3"],
];

function stacked(parts: readonly FloatTensor[]): FloatTensor {
  const [rows, ...rest] = parts[0]!.shape as [number, ...number[]];
  const data = new Float32Array(3 * rows * sizeOf(rest));
  parts.forEach((part, i) => {
    data.set(part.data, i * part.data.length);
  });
  return floatTensor(data, [3 * rows, ...rest]);
}

describe("layouts", () => {
  test.each<[string, RandomFamily, object]>([
    ["DINO", "vit", {}],
    ["DINOv2", "dinov2", {}],
    ["DINOv2 with registers and gated MLPs", "dinov2", { registers: 2, gated: true }],
  ])(
    "%s: the original files, timm's and a classifier's give the features of Hugging Face's",
    async (_name, family, more) => {
      const from = await original(family, more);
      await using clip = await loadClip(from);
      const wanted = await clip.encodeImage(pixels);
      const all = await readAll(from);

      const file = join(root, `original-${family}-${made++}.safetensors`);
      await writeAll(file, toOriginal(all));
      await using lone = await loadClip(file, { imageSize: SIZES.imageSize });
      expect(lone.parts.source).toMatchObject({ family, layout: "timm" });
      expect(lone.parts.vision).toMatchObject({ heads: 2, epsilon: 1e-6 });
      expect(largestDifference((await lone.encodeImage(pixels)).data, wanted.data)).toBeLessThan(1e-4);
      // Shown a part of the picture, as when evaluated: 256 of 224 pixels, in proportion.
      expect(lone.parts.preprocessing.resizeTo).toBe(37);

      const timm = join(root, `timm-${made++}`);
      mkdirSync(timm);
      await writeAll(join(timm, "model.safetensors"), toOriginal(all));
      const pretrained = {
        input_size: [3, 32, 32],
        crop_pct: 1,
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
        interpolation: "bicubic",
      };
      const config = {
        architecture: `vit_tiny_${family === "dinov2" ? "patch8_dinov2" : "patch8"}`,
        pretrained_cfg: pretrained,
      };
      writeFileSync(join(timm, "config.json"), JSON.stringify(config));
      await using ofTimm = await loadClip(timm);
      expect(ofTimm.parts.source.family).toBe(family);
      expect(ofTimm.parts.preprocessing).toEqual({
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
        filter: "bicubic",
        fit: "crop",
      });
      expect(largestDifference((await ofTimm.encodeImage(pixels)).data, wanted.data)).toBeLessThan(1e-4);

      const prefix = family === "vit" ? "vit." : "dinov2.";
      const classifier = await variant(family, {
        config: JSON.parse(readFileSync(join(from, "config.json"), "utf8")) as object,
      });
      const named = new Map([...all].map(([name, tensor]) => [prefix + name, tensor]));
      named.set("classifier.weight", floatTensor(new Float32Array(256), [2, 128]));
      await writeAll(join(classifier, "model.safetensors"), named);
      await using inside = await loadClip(classifier, { imageSize: SIZES.imageSize });
      expect((await inside.encodeImage(pixels)).data).toEqual(wanted.data);
    },
  );

  test("timm's class token without a place of its own", async () => {
    const all = toOriginal(await readAll(await original("vit")));
    const table = all.get("pos_embed")!;
    const [, rows, width] = table.shape as [number, number, number];
    const first = all.get("cls_token")!;
    const merged = floatTensor(
      first.data.map((x, i) => x + table.data[i]!),
      first.shape,
    );
    const file = join(root, "no-class-place.safetensors");
    const changed = new Map([...all, ["cls_token", merged] as const]);
    changed.set("pos_embed", floatTensor(table.data.slice(width), [1, rows - 1, width]));
    await writeAll(file, changed);
    const plain = join(root, "class-place.safetensors");
    await writeAll(plain, all);
    const options = { imageSize: SIZES.imageSize };
    await using clip = await loadClip(file, options);
    await using same = await loadClip(plain, options);
    const [a, b] = [await clip.encodeImage(pixels), await same.encodeImage(pixels)];
    expect(largestDifference(a.data, b.data)).toBeLessThan(1e-6);
  });
});

describe("configurations", () => {
  const settings = (config: object, preprocessor?: object): ReturnType<typeof settingsOf> =>
    settingsOf("m", {
      "config.json": JSON.stringify(config),
      ...(preprocessor && { "preprocessor_config.json": JSON.stringify(preprocessor) }),
    });

  test("absent keys mean Transformers' defaults", () => {
    expect(settings({ model_type: "vit" })).toMatchObject({
      family: "vit",
      vision: { heads: 12, activation: "gelu", epsilon: 1e-12, imageSize: 224, positionResampling: "plain" },
      preprocessing: { mean: [0.5, 0.5, 0.5], fit: "squash", filter: "bilinear" },
    });
    expect(settings({ model_type: "dinov2", image_size: 518 })).toMatchObject({
      family: "dinov2",
      vision: { epsilon: 1e-6, imageSize: 224, positionResampling: "plain" },
      preprocessing: { fit: "crop", filter: "bicubic", resizeTo: 256 },
    });
    expect(settings({ model_type: "siglip" })).toMatchObject({
      family: "siglip",
      vision: { heads: 12, activation: "gelu_tanh", epsilon: 1e-6, imageSize: 224 },
      text: { endToken: "last", padToken: 1, bidirectional: true },
      preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], fit: "squash", filter: "bicubic" },
    });
  });

  test("published files of facebook/dino-vits16, facebook/dinov2-base and google/siglip-so400m-patch14-384", () => {
    const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
    const dino = settings(
      { model_type: "vit", num_attention_heads: 6, hidden_act: "gelu", layer_norm_eps: 1e-12, image_size: 224 },
      {
        feature_extractor_type: "ViTFeatureExtractor",
        do_normalize: true,
        do_resize: true,
        resample: 2,
        size: 224,
        ...imagenet,
      },
    );
    expect(dino?.preprocessing).toEqual({
      mean: imagenet.image_mean,
      std: imagenet.image_std,
      filter: "bilinear",
      fit: "squash",
    });
    const dinov2 = settings(
      { model_type: "dinov2", image_size: 518, num_attention_heads: 12 },
      {
        image_processor_type: "BitImageProcessor",
        crop_size: { height: 224, width: 224 },
        do_center_crop: true,
        do_convert_rgb: true,
        do_rescale: true,
        resample: 3,
        rescale_factor: 0.00392156862745098,
        size: { shortest_edge: 256 },
        ...imagenet,
      },
    );
    expect(dinov2?.vision.imageSize).toBe(224);
    expect(dinov2?.preprocessing).toMatchObject({ fit: "crop", resizeTo: 256, filter: "bicubic" });
    const siglip = settings(
      {
        model_type: "siglip",
        text_config: { hidden_size: 1152, num_attention_heads: 16 },
        vision_config: { hidden_size: 1152, image_size: 384, num_attention_heads: 16, patch_size: 14 },
      },
      { image_processor_type: "SiglipImageProcessor", resample: 3, size: { height: 384, width: 384 } },
    );
    expect(siglip?.vision).toMatchObject({ heads: 16, imageSize: 384 });
  });

  test.each<[string, object, object | undefined]>([
    ["a processor of another family", { model_type: "dinov2" }, { image_processor_type: "ViTImageProcessor" }],
    ["squares of another size", { model_type: "siglip" }, { size: { height: 256, width: 256 } }],
    ["no pooling head", { model_type: "siglip", vision_config: { vision_use_head: false } }, undefined],
    ["an unknown activation", { model_type: "vit", hidden_act: "mish" }, undefined],
    ["an unknown family", { model_type: "beit" }, undefined],
    [
      "timm's mean of all tokens",
      { architecture: "vit_base_patch16_224", global_pool: "avg", pretrained_cfg: {} },
      undefined,
    ],
    ["timm's convolutions", { architecture: "resnet50", pretrained_cfg: { input_size: [3, 224, 224] } }, undefined],
  ])("%s is refused", (_name, config, preprocessor) => {
    expect(() => settings(config, preprocessor)).toThrow(expect.objectContaining({ code: "model-config" }));
  });
});

describe("refusals", () => {
  test.each<[string, RandomFamily, { tensors?: (all: Tensors) => void; config?: object | null }, string]>([
    [
      "a lost tensor",
      "dinov2",
      { tensors: (all) => all.delete("encoder.layer.1.layer_scale2.lambda1") },
      "missing-tensor",
    ],
    [
      "no blocks",
      "vit",
      {
        tensors: (all) => {
          for (const name of [...all.keys()]) if (name.startsWith("encoder.")) all.delete(name);
        },
      },
      "missing-tensor",
    ],
    [
      "a part that is not built",
      "vit",
      { tensors: (all) => all.set("encoder.layer.0.attention.bias_table", all.get("layernorm.bias")!) },
      "unexpected-tensor",
    ],
    [
      "a part of the pool that is not built",
      "siglip",
      { tensors: (all) => all.set("vision_model.head.gate", all.get("logit_scale")!) },
      "unexpected-tensor",
    ],
    [
      "a pool of another width",
      "siglip",
      { tensors: (all) => all.set("vision_model.head.probe", floatTensor(new Float32Array(64), [1, 1, 64])) },
      "weight-shape",
    ],
    [
      "an oblong table of places",
      "vit",
      {
        tensors: (all) =>
          all.set("embeddings.position_embeddings", floatTensor(new Float32Array(13 * 128), [1, 13, 128])),
      },
      "model-config",
    ],
    [
      "a class token's place without a class token",
      "siglip",
      {
        tensors: (all) =>
          all.set(
            "vision_model.embeddings.position_embedding.weight",
            floatTensor(new Float32Array(17 * 128), [17, 128]),
          ),
      },
      "model-config",
    ],
    ["a configuration of another family", "dinov2", { config: { model_type: "vit" } }, "model-config"],
    ["heads that do not divide the width", "vit", { config: { num_attention_heads: 7 } }, "model-config"],
    ["no configuration", "vit", { config: null }, "ambiguous-model"],
    [
      "a bias that is no number",
      "siglip",
      { tensors: (all) => all.set("logit_bias", floatTensor(Float32Array.of(NaN), [1])) },
      "weight-value",
    ],
  ])("%s", async (_name, family, change, code) => {
    expect((await errorOf(await variant(family, change))).code).toBe(code);
  });

  test("texts, of a model without them", async () => {
    await using clip = await loadClip(await original("vit"));
    await expect(clip.encodeText(["a cat"])).rejects.toMatchObject({ code: "missing-part" });
  });
});

test("mutated configurations of every family load or give a typed error", async () => {
  const random = new Random(12);
  const outcomes = { loaded: 0, refused: 0 };
  for (const family of ["vit", "dinov2", "siglip"] as const) {
    const copy = await variant(family, {});
    const from = await original(family);
    for (const name of ["config.json", "preprocessor_config.json"]) {
      const bytes = readFileSync(join(from, name));
      for (let i = 0; i < 120; i++) {
        writeFileSync(join(copy, name), mutate(bytes, random));
        try {
          await loadClip(copy);
          outcomes.loaded++;
        } catch (error) {
          if (!(error instanceof VitrineError)) throw error;
          outcomes.refused++;
        }
      }
      writeFileSync(join(copy, name), bytes);
    }
  }
  expect(outcomes.loaded).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
}, 60_000);

test("SigLIP judges each text by itself", async () => {
  await using clip = await loadClip(await original("siglip"));
  const { logitScale, logitBias } = clip.parts;
  const features = await clip.encodeImage(pixels);
  const directions = await clip.encodeText(["a cat", "2 dogs"]);
  const { cosines, probabilities } = classify(clip, features, directions);
  cosines.data.forEach((cosine, i) => {
    expect(probabilities.data[i]).toBeCloseTo(1 / (1 + Math.exp(-(logitScale * cosine + logitBias!))), 6);
  });
});
