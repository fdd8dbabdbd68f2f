/** Loading: what comes from configuration, what from weights, and what is refused. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor, intTensor } from "../../../src/engine/tensor/tensor.js";
import { ARCHITECTURES } from "../../../src/models/clip/architectures.js";
import { loadClip } from "../../../src/models/clip/load.js";
import {
  largestDifference,
  randomPixels,
  readAll,
  scratchFolder,
  SMALL_CLIPS,
  type SmallClip,
  type Tensors,
  writeAll,
  writeHuggingFace,
  writeOpenClip,
} from "../../support/clips.js";
import { writeTorch } from "../../support/torch-checkpoint.js";
import { GOLDEN } from "../../support/paths.js";

const small = SMALL_CLIPS["plain"]!;
const folder = join(scratchFolder(), "plain");
await writeOpenClip(folder, small);
const tensors = await readAll(folder);
const config = await readFile(join(folder, "open_clip_config.json"), "utf8");
const pixels = randomPixels(2, small.architecture.vision.imageSize);

/** A copy of the checkpoint with some tensors or the configuration changed. */
async function variant(
  name: string,
  change: { tensors?: (all: Tensors) => void; config?: (json: Config) => void },
): Promise<string> {
  const copy = join(folder, "..", name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
  if (change.tensors !== undefined) {
    const all = new Map(tensors);
    change.tensors(all);
    await writeAll(join(copy, "open_clip_model.safetensors"), all);
  }
  if (change.config !== undefined) {
    const json = JSON.parse(config) as Config;
    change.config(json);
    writeFileSync(join(copy, "open_clip_config.json"), JSON.stringify(json));
  }
  return copy;
}

interface Config {
  model_cfg: { vision_cfg: Record<string, unknown>; text_cfg: Record<string, unknown>; quick_gelu?: unknown };
  preprocess_cfg?: Record<string, unknown>;
}

async function codeOf(ref: string, options = {}): Promise<string> {
  const error: unknown = await loadClip(ref, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VitrineError)) throw new Error(`expected a VitrineError, got ${String(error)}`);
  expect(error.message).not.toContain("\n");
  return error.code;
}

describe("sizes and settings", () => {
  test("sizes come from the weights, heads and activation from the configuration", async () => {
    await using clip = await loadClip(join(GOLDEN, "clip-a"));
    expect(clip.parts.vision).toMatchObject({
      layers: 4,
      width: 64,
      heads: 4,
      hidden: 256,
      tokens: 17,
      grid: 4,
      patchSize: 16,
    });
    expect(clip.parts.vision).toMatchObject({ activation: "quick_gelu", features: 32, imageSize: 64 });
    expect(clip.parts.text).toMatchObject({ layers: 2, width: 32, heads: 2, contextLength: 77, vocabulary: 49408 });
  });

  test("the activation can be overridden, and matters", async () => {
    await using asConfigured = await loadClip(folder);
    await using overridden = await loadClip(folder, { activation: "quick_gelu" });
    const a = await asConfigured.encodeImage(pixels);
    const b = await overridden.encodeImage(pixels);
    expect(largestDifference(a.data, b.data)).toBeGreaterThan(1e-4);
  });

  test("without a configuration, published sizes tell the heads but never the activation", async () => {
    const bare = await variant("bare", {});
    rmSync(join(bare, "open_clip_config.json"));
    expect(await codeOf(bare)).toBe("ambiguous-model");
    expect(await codeOf(bare, { activation: "gelu" })).toBe("model-config");
    const { width, layers, heads } = ARCHITECTURES["vit-b-16"].vision;
    expect(heads).toBe(width / 64);
    expect(layers).toBe(12);
  });

  test("preprocessing comes from the configuration", async () => {
    const half = await variant("half", {
      config: (json) => {
        json.preprocess_cfg = {
          mean: [0.5, 0.5, 0.5],
          std: [0.5, 0.5, 0.5],
          interpolation: "bilinear",
          resize_mode: "squash",
        };
      },
    });
    await using clip = await loadClip(half);
    expect(clip.parts.preprocessing).toEqual({
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      filter: "bilinear",
      fit: "squash",
    });
  });

  test("Hugging Face's absent keys mean CLIPConfig's defaults", async () => {
    const huggingFace = join(folder, "../hf-defaults");
    mkdirSync(huggingFace);
    await writeHuggingFace(huggingFace, tensors, small);
    writeFileSync(
      join(huggingFace, "config.json"),
      JSON.stringify({
        model_type: "clip",
        vision_config: { num_attention_heads: 2, image_size: 32 },
        text_config: { num_attention_heads: 2 },
      }),
    );
    await using clip = await loadClip(huggingFace);
    expect(clip.parts.vision.activation).toBe("quick_gelu");
    expect(clip.parts.preprocessing.fit).toBe("crop");
  });

  test("OpenAI's torch files need no configuration, and give what safetensors give", async () => {
    const file = join(folder, "../ViT.pt");
    const scalar = (x: number): FloatTensor => floatTensor(Float32Array.of(x), []);
    const sizes = { input_resolution: scalar(48), context_length: scalar(77), vocab_size: scalar(514) };
    // OpenAI's heads are always 64 wide.
    const wide: SmallClip = {
      architecture: {
        vision: { layers: 1, width: 128, heads: 2, hidden: 64, imageSize: 48, patchSize: 16 },
        text: { layers: 1, width: 64, heads: 1, hidden: 64 },
        features: 16,
      },
      activation: "quick_gelu",
    };
    const openClip = join(folder, "../wide-openai");
    await writeOpenClip(openClip, wide);
    writeTorch(file, new Map([...(await readAll(openClip)), ...Object.entries(sizes)]));
    await using torch = await loadClip(file);
    await using safetensors = await loadClip(openClip);
    expect(torch.parts.source.layout).toBe("openai");
    expect(torch.parts.vision).toEqual(safetensors.parts.vision);
    const input = randomPixels(2, 48);
    expect((await torch.encodeImage(input)).data).toEqual((await safetensors.encodeImage(input)).data);
    const ids = intTensor(
      Int32Array.from({ length: 77 }, (_, i) => (i === 0 ? 512 : i === 9 ? 513 : i < 9 ? 97 + i : 0)),
      [1, 77],
    );
    expect((await torch.encodeText(ids)).data).toEqual((await safetensors.encodeText(ids)).data);
  });

  test("training checkpoints and custom text towers are found under their prefixes", async () => {
    const prefixed = new Map(
      [...tensors].map(([name, tensor]) => {
        const custom = name.startsWith("visual.") || name === "logit_scale" ? name : `text.${name}`;
        return [`module.${custom}`, tensor] as const;
      }),
    );
    const copy = await variant("prefixed", {});
    rmSync(join(copy, "open_clip_model.safetensors"));
    writeTorch(join(copy, "open_clip_pytorch_model.bin"), prefixed);
    await using clip = await loadClip(copy);
    await using plain = await loadClip(folder);
    expect((await clip.encodeImage(pixels)).data).toEqual((await plain.encodeImage(pixels)).data);
    expect((await clip.encodeText(["a fish"])).data).toEqual((await plain.encodeText(["a fish"])).data);
  });

  test("half-precision checkpoints compute what their widened weights do", async () => {
    const halves = await variant("wide", {});
    await using stored = await loadClip(join(GOLDEN, "clip-a"));
    const wide = await readAll(join(GOLDEN, "clip-a"));
    await writeAll(join(halves, "open_clip_model.safetensors"), wide);
    cpSync(join(GOLDEN, "clip-a/open_clip_config.json"), join(halves, "open_clip_config.json"));
    await using widened = await loadClip(halves);
    const input = randomPixels(2, 64);
    expect((await stored.encodeImage(input)).data).toEqual((await widened.encodeImage(input)).data);
  });

  test("a model for larger pictures resamples its position table", async () => {
    await using clip = await loadClip(folder, { imageSize: 56 });
    expect(clip.parts.vision).toMatchObject({ grid: 7, tokens: 50 });
    const { position } = await clip.read(randomPixels(1, 56), { position: "visual.pos_embed" });
    const learnt = tensors.get("visual.positional_embedding")!;
    const width = learnt.shape[1]!;
    expect(position.data.subarray(0, width)).toEqual(learnt.data.subarray(0, width));
    // Resampling weights sum to 1 along each axis, so a constant table stays constant.
    const flat = await variant("flat", {
      tensors: (all) =>
        all.set(
          "visual.positional_embedding",
          floatTensor(new Float32Array(learnt.data.length).fill(0.5), learnt.shape),
        ),
    });
    await using constant = await loadClip(flat, { imageSize: 56 });
    const { table } = await constant.read(randomPixels(1, 56), { table: "visual.pos_embed" });
    expect(largestDifference(table.data, new Float32Array(50 * width).fill(0.5))).toBeLessThan(1e-6);
  });

  test("a vision tower alone encodes pictures and says what is missing for texts", async () => {
    const vision = await variant("vision", {
      tensors: (all) => {
        for (const name of [...all.keys()]) if (!name.startsWith("visual.")) all.delete(name);
      },
    });
    await using clip = await loadClip(vision);
    expect((await clip.encodeImage(pixels)).shape).toEqual([2, 20]);
    await expect(clip.encodeText(["x"])).rejects.toMatchObject({ code: "missing-part" });
  });
});

test("a checkpoint that was replaced gives the new model, and the old one is refused new programs", async () => {
  const place = await variant("replaced", {});
  await using before = await loadClip(place);
  const old = await before.encodeImage(pixels);
  const swapped = new Map(tensors);
  const projection = tensors.get("visual.proj")!;
  swapped.set(
    "visual.proj",
    floatTensor(
      projection.data.map((x) => -x),
      projection.shape,
    ),
  );
  await writeAll(join(place, "open_clip_model.safetensors"), swapped);
  await using after = await loadClip(place);
  expect((await after.encodeImage(pixels)).data).toEqual(old.data.map((x) => -x));
  expect((await before.encodeImage(pixels)).data).toEqual(old.data);
  await expect(before.read(pixels, { z: "visual.blocks.0.attn.z" })).rejects.toMatchObject({ code: "weights-changed" });
});

describe("refusals", () => {
  test("another family's weights", async () => {
    const other = await variant("other", {
      tensors: (all) => (all.clear(), all.set("bert.embeddings.weight", floatTensor(new Float32Array(4), [2, 2]))),
    });
    expect(await codeOf(other)).toBe("wrong-family");
  });

  test.each([
    "visual.ln_post.bias",
    "visual.transformer.resblocks.0.attn.out_proj.weight",
    "ln_final.weight",
    "visual.proj",
  ])("without %s", async (name) => {
    expect(await codeOf(await variant("missing", { tensors: (all) => all.delete(name) }))).toBe("missing-tensor");
  });

  test.each([
    "visual.proj",
    "visual.conv1.weight",
    "visual.transformer.resblocks.1.mlp.c_fc.weight",
    "text_projection",
  ])("%s of another shape", async (name) => {
    const bad = await variant("misshapen", {
      tensors: (all) => all.set(name, floatTensor(new Float32Array(12), [3, 4])),
    });
    expect(await codeOf(bad)).toBe("weight-shape");
  });

  test.each<[string, (json: Config) => void]>([
    ["a ResNet", (json) => (json.model_cfg.vision_cfg["layers"] = [3, 4, 6, 3])],
    ["a timm tower", (json) => (json.model_cfg.vision_cfg["timm_model_name"] = "vit_base_patch16_siglip_224")],
    ["attention pooling", (json) => (json.model_cfg.vision_cfg["attentional_pool"] = true)],
    ["a Hugging Face text tower", (json) => (json.model_cfg.text_cfg["hf_model_name"] = "xlm-roberta-base")],
    ["heads that do not divide the width", (json) => (json.model_cfg.vision_cfg["head_width"] = 7)],
    ["a zero deviation", (json) => (json.preprocess_cfg = { std: [0, 1, 1] })],
    ["no vision tower", (json) => delete (json.model_cfg as Partial<Config["model_cfg"]>).vision_cfg],
    ["a picture smaller than a patch", (json) => (json.model_cfg.vision_cfg["image_size"] = 4)],
  ])("a configuration with %s", async (_name, change) => {
    expect(await codeOf(await variant("config", { config: change }))).toBe("model-config");
  });

  test("a tokenizer that knows more tokens than the model", async () => {
    const tight = await variant("tight", {
      tensors: (all) => all.set("token_embedding.weight", floatTensor(new Float32Array(100 * 24), [100, 24])),
    });
    expect(await codeOf(tight)).toBe("tokenizer-mismatch");
  });

  test("pixels of another size", async () => {
    await using clip = await loadClip(folder);
    await expect(clip.encodeImage(randomPixels(1, 16))).rejects.toMatchObject({ code: "pixel-shape" });
  });
});

test("2,000 mutated configurations load or give a typed error", async () => {
  const random = new Random(11);
  const copy = await variant("fuzz", {});
  const bytes = Buffer.from(config);
  const outcomes = { loaded: 0, refused: 0 };
  for (let i = 0; i < 2000; i++) {
    writeFileSync(join(copy, "open_clip_config.json"), mutate(bytes, random));
    try {
      await loadClip(copy);
      outcomes.loaded++;
    } catch (error) {
      if (!(error instanceof VitrineError)) throw error;
      outcomes.refused++;
    }
  }
  expect(outcomes.loaded).toBeGreaterThan(50);
  expect(outcomes.refused).toBeGreaterThan(500);
}, 120_000);

/** Flips, cuts, repeats or replaces a few bytes; replacements favour what JSON is made of. */
function mutate(bytes: Buffer, random: Random): Buffer {
  const out = [...bytes];
  const pieces = ["null", "-1", "0", "1e999", "true", "[]", "{}", '"x"', ",", "}", "99999999999", "0.5"];
  for (let n = 1 + random.below(3); n > 0; n--) {
    const at = random.below(out.length);
    const length = random.below(6);
    const kind = random.below(4);
    if (kind === 0) out[at] = random.below(256);
    else if (kind === 1) out.splice(at, length);
    else if (kind === 2) out.splice(at, 0, ...out.slice(at, at + length * 5));
    else out.splice(at, length, ...Buffer.from(pieces[random.below(pieces.length)]!));
  }
  return Buffer.from(out);
}
