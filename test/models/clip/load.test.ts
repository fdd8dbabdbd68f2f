/** Loading: what comes from configuration, what from weights, and what is refused. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor, intTensor } from "../../../src/engine/tensor/tensor.js";
import { selectModelFiles } from "../../../src/engine/weights/hub/select-model-files.js";
import { ARCHITECTURES } from "../../../src/models/clip/architectures.js";
import { loadClip } from "../../../src/models/clip/load.js";
import {
  largestDifference,
  randomPixels,
  readAll,
  SMALL_CLIPS,
  type SmallClip,
  type Tensors,
  writeAll,
  writeHuggingFace,
  writeOpenClip,
} from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { mutate } from "../../support/mutate.js";
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
  return (await errorOf(ref, options)).code;
}

async function errorOf(ref: string, options = {}): Promise<VitrineError> {
  const error: unknown = await loadClip(ref, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VitrineError)) throw new Error(`expected a VitrineError, got ${String(error)}`);
  expect(error.message).not.toContain("\n");
  return error;
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

describe("what changes no feature", () => {
  test("buffers, sizes and heads beside the towers", async () => {
    const extra = await variant("extra", {
      tensors: (all) => {
        for (const name of ["attn_mask", "text.attn_mask", "visual.position_ids", "logit_bias", "classifier.weight"]) {
          all.set(name, floatTensor(new Float32Array(4), [2, 2]));
        }
      },
    });
    await using clip = await loadClip(extra);
    await using plain = await loadClip(folder);
    expect((await clip.encodeImage(pixels)).data).toEqual((await plain.encodeImage(pixels)).data);
  });

  test("a logit scale in a vector of one; without one the factor is 1 and said to be unknown", async () => {
    const vector = await variant("logit-vector", {
      tensors: (all) => all.set("logit_scale", floatTensor(Float32Array.of(Math.log(50)), [1])),
    });
    await using clip = await loadClip(vector);
    expect(clip.parts.logitScale).toBeCloseTo(50, 3);
    await using without = await loadClip(
      await variant("no-logit-scale", { tensors: (all) => all.delete("logit_scale") }),
    );
    expect(without.parts.logitScale).toBe(1);
    expect(without.parts.weights.logitScale).toBeUndefined();
  });

  test("OpenCLIP's options of training, and keys left out", async () => {
    const partial = await variant("partial", {
      config: ({ model_cfg: { vision_cfg, text_cfg } }) => {
        Object.assign(vision_cfg, { layers: undefined, width: undefined, patch_size: undefined });
        Object.assign(text_cfg, { layers: null, width: null, context_length: undefined, vocab_size: undefined });
        Object.assign(vision_cfg, { patch_dropout: 0.5, ls_init_value: null });
      },
    });
    await using clip = await loadClip(partial);
    await using plain = await loadClip(folder);
    expect(clip.parts.vision).toEqual(plain.parts.vision);
    expect(clip.parts.text).toEqual(plain.parts.text);
  });
});

describe("Hugging Face's files", () => {
  async function huggingFace(name: string, files: Record<string, object>, all: Tensors = tensors): Promise<string> {
    const made = join(folder, "..", name);
    mkdirSync(made);
    await writeHuggingFace(made, all, small);
    for (const [file, json] of Object.entries(files)) writeFileSync(join(made, file), JSON.stringify(json));
    return made;
  }

  test("texts are pooled at the configured end token", async () => {
    const config = (eos: number): object => ({
      model_type: "clip",
      vision_config: { num_attention_heads: 2, image_size: 32, hidden_act: "gelu" },
      text_config: { num_attention_heads: 2, hidden_act: "gelu", eos_token_id: eos },
    });
    const ids = intTensor(
      Int32Array.from({ length: 77 }, (_, i) => [512, 97, 98, 7, 513][i] ?? 0),
      [1, 77],
    );
    await using legacy = await loadClip(await huggingFace("hf-eos-2", { "config.json": config(2) }));
    await using named = await loadClip(await huggingFace("hf-eos-513", { "config.json": config(513) }));
    await using other = await loadClip(await huggingFace("hf-eos-7", { "config.json": config(7) }));
    expect(legacy.parts.text?.endToken).toBeUndefined();
    expect(other.parts.text?.endToken).toBe(7);
    const features = await legacy.encodeText(ids);
    expect((await named.encodeText(ids)).data).toEqual(features.data);
    expect(largestDifference((await other.encodeText(ids)).data, features.data)).toBeGreaterThan(1e-3);
  });

  test("a resize to more than the crop leaves the border out, at another size too", async () => {
    const bordered = await huggingFace("hf-resize", {
      "preprocessor_config.json": {
        size: { shortest_edge: 40 },
        crop_size: 32,
        image_mean: [0, 0, 0],
        image_std: [1, 1, 1],
      },
    });
    await using clip = await loadClip(bordered);
    await using larger = await loadClip(bordered, { imageSize: 64 });
    expect(clip.parts.preprocessing.resizeTo).toBe(40);
    expect(larger.parts.preprocessing.resizeTo).toBe(80);
    // Blue with a red border of 5 %; the crop takes 10 % off each side.
    const side = 160;
    const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
      const inside = Math.min(x, y, side - 1 - x, side - 1 - y) >= 8;
      return i % 3 === (inside ? 2 : 0) ? 255 : 0;
    });
    for (const model of [clip, larger]) {
      const seen = model.preprocess([{ width: side, height: side, data }]).data;
      const plane = seen.length / 3;
      expect(Math.max(...seen.subarray(0, plane))).toBe(0);
      expect(Math.min(...seen.subarray(2 * plane))).toBe(1);
    }
  });

  test("files that do not count are not in the way", async () => {
    const both = await variant("both", {});
    writeFileSync(join(both, "config.json"), Buffer.of(0xff, 0xfe));
    writeFileSync(join(both, "preprocessor_config.json"), "{");
    await using clip = await loadClip(both);
    await using plain = await loadClip(folder);
    expect(clip.parts.vision).toEqual(plain.parts.vision);
  });

  test("processor_config.json is read", async () => {
    const nested = { image_processor: { size: 48, crop_size: 32, image_mean: [0.1, 0.2, 0.3] } };
    await using clip = await loadClip(await huggingFace("hf-processor", { "processor_config.json": nested }));
    expect(clip.parts.preprocessing).toMatchObject({ resizeTo: 48, mean: [0.1, 0.2, 0.3] });
    const listed = ["config.json", "model.safetensors", "processor_config.json"].map((path) => ({
      path,
      size: 1,
      hash: "",
    }));
    const noIndex = (): never => {
      throw new Error("there is no index to read");
    };
    expect(await selectModelFiles(listed, noIndex)).toContain("processor_config.json");
  });

  test("a vision tower alone, with its flat configuration", async () => {
    const config = { model_type: "clip_vision_model", num_attention_heads: 2, image_size: 32, hidden_act: "gelu" };
    const visual = new Map([...tensors].filter(([name]) => name.startsWith("visual.")));
    await using clip = await loadClip(await huggingFace("hf-vision", { "config.json": config }, visual));
    await using plain = await loadClip(folder);
    expect(clip.parts.text).toBeUndefined();
    const [a, b] = [await clip.encodeImage(pixels), await plain.encodeImage(pixels)];
    expect(largestDifference(a.data, b.data)).toBeLessThan(1e-5);
  });
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

  test.each([
    [
      "an attention norm",
      ["visual.transformer.resblocks.0.ln_attn.weight", "visual.transformer.resblocks.0.ln_attn.bias"],
    ],
    ["head scales", ["transformer.resblocks.1.attn.head_scale"]],
    ["query norms", ["visual.transformer.resblocks.0.attn.ln_q.weight"]],
    ["a patch bias", ["visual.conv1.bias"]],
    ["a second position table", ["positional_embedding_res"]],
    ["a text tower beside the text tower", ["text.token_embedding.weight"]],
    ["more blocks than any CLIP", ["visual.transformer.resblocks.1024.ln_1.weight"]],
    ["a projection's bias", ["text_projection.bias"]],
  ])("%s, which would change the features", async (_name, names) => {
    const other = await variant("unexpected", {
      tensors: (all) => {
        for (const name of names) all.set(name, floatTensor(new Float32Array(4), [4]));
      },
    });
    const error = await errorOf(other);
    expect(error.code).toBe("unexpected-tensor");
    for (const name of names) expect(error.message).toContain(`"${name}"`);
  });

  test("many unexpected tensors, naming three", async () => {
    const other = await variant("unexpected", {
      tensors: (all) => {
        for (let i = 0; i < 9; i++) all.set(`visual.adapter.${i}`, floatTensor(new Float32Array(4), [4]));
      },
    });
    const { message } = await errorOf(other);
    expect(message).toContain('"visual.adapter.2" and 6 more');
    expect(message).not.toContain("visual.adapter.3");
  });

  test("a patch bias in Hugging Face's layout", async () => {
    const huggingFace = join(folder, "../hf-bias");
    mkdirSync(huggingFace);
    const all = new Map(tensors);
    all.set("vision_model.embeddings.patch_embedding.bias", floatTensor(new Float32Array(32), [32]));
    await writeHuggingFace(huggingFace, all, small);
    expect(await codeOf(huggingFace)).toBe("unexpected-tensor");
  });

  test("one LayerScale factor of many lost", async () => {
    const scaled = join(folder, "../scaled");
    await writeOpenClip(scaled, small, true);
    const all = await readAll(scaled);
    await loadClip(scaled);
    all.delete("visual.transformer.resblocks.1.ls_2.gamma");
    await writeAll(join(scaled, "open_clip_model.safetensors"), all);
    expect(await codeOf(scaled)).toBe("missing-tensor");
  });

  test.each<[string, number[], number[], string]>([
    ["two numbers", [4, 4], [2], "weight-shape"],
    ["a matrix", [4], [1, 1], "weight-shape"],
    ["no number", [Number.NaN], [], "weight-value"],
    ["an infinite factor", [1000], [], "weight-value"],
    ["a factor of zero", [-1000], [1], "weight-value"],
  ])("a logit scale of %s", async (_name, values, shape, code) => {
    const bad = await variant("logit-scale", {
      tensors: (all) => all.set("logit_scale", floatTensor(Float32Array.from(values), shape)),
    });
    expect(await codeOf(bad)).toBe(code);
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

test("300 mutated configurations load from the disk or give a typed error", async () => {
  const random = new Random(11);
  const copy = await variant("fuzz", {});
  const bytes = Buffer.from(config);
  const outcomes = { loaded: 0, refused: 0 };
  for (let i = 0; i < 300; i++) {
    writeFileSync(join(copy, "open_clip_config.json"), mutate(bytes, random));
    try {
      await loadClip(copy);
      outcomes.loaded++;
    } catch (error) {
      if (!(error instanceof VitrineError)) throw error;
      outcomes.refused++;
    }
  }
  expect(outcomes.loaded).toBeGreaterThan(5);
  expect(outcomes.refused).toBeGreaterThan(100);
}, 60_000);
