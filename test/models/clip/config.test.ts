/** Configuration files: what they mean, what is refused, and that nothing else can happen. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { openCheckpoint } from "../../../src/engine/weights/open-checkpoint.js";
import { type ClipSettings, type ConfigTexts, settingsOf } from "../../../src/models/clip/config.js";
import { type Layout, readClipWeights } from "../../../src/models/clip/layouts.js";
import { type ClipConfig, clipConfig } from "../../../src/models/clip/model-sizes.js";
import { SMALL_CLIPS, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { mutate } from "../../support/mutate.js";

type Json = Record<string, unknown>;

const folder = join(scratchFolder(), "plain");
await writeOpenClip(folder, SMALL_CLIPS["plain"]!);
const { weights } = readClipWeights(await openCheckpoint(folder));

const VISION = { image_size: 32, layers: 2, width: 32, head_width: 16, patch_size: 8 };
const TEXT = { context_length: 77, vocab_size: 514, width: 24, heads: 2, layers: 2 };

function openClip({ vision = {}, text = {}, model = {}, preprocess }: Record<string, Json> = {}): ClipSettings {
  const config = {
    model_cfg: { embed_dim: 20, vision_cfg: { ...VISION, ...vision }, text_cfg: { ...TEXT, ...text }, ...model },
    ...(preprocess === undefined ? {} : { preprocess_cfg: preprocess }),
  };
  return settingsOf("m", { "open_clip_config.json": JSON.stringify(config) })!;
}

interface HuggingFaceFiles {
  vision?: Json;
  text?: Json;
  top?: Json;
  preprocessor?: Json;
  processor?: Json;
}

function huggingFace({ vision = {}, text = {}, top = {}, preprocessor, processor }: HuggingFaceFiles): ClipSettings {
  const config = {
    model_type: "clip",
    vision_config: { num_attention_heads: 2, image_size: 32, ...vision },
    text_config: { num_attention_heads: 2, ...text },
    ...top,
  };
  const texts: ConfigTexts = {
    "config.json": JSON.stringify(config),
    ...(preprocessor && { "preprocessor_config.json": JSON.stringify(preprocessor) }),
    ...(processor && { "processor_config.json": JSON.stringify(processor) }),
  };
  return settingsOf("m", texts)!;
}

function errorOf(run: () => unknown): VitrineError {
  try {
    run();
  } catch (error) {
    if (error instanceof VitrineError) return error;
    throw error;
  }
  throw new Error("expected a VitrineError");
}

function configOf(settings: ClipSettings, layout: Layout = "open-clip", imageSize?: number): ClipConfig {
  return clipConfig(weights, settings, { imageSize }, { path: "m", layout, family: "clip" });
}

describe("open_clip_config.json", () => {
  test("absent keys mean OpenCLIP's defaults, and sizes are the weights'", () => {
    const texts = { "open_clip_config.json": '{"model_cfg":{"vision_cfg":{},"text_cfg":{"width":null}}}' };
    const settings = settingsOf("m", texts)!;
    expect(settings.vision).toEqual({ headWidth: 64, activation: "gelu", epsilon: 1e-5, imageSize: 224 });
    expect(settings.text).toEqual({ heads: 8, activation: "gelu", epsilon: 1e-5, endToken: "largest" });
    expect(settings.preprocessing).toMatchObject({ filter: "bicubic", fit: "crop" });
    const partial = configOf({ ...openClip({ vision: { width: 999, layers: 7 } }) });
    expect(partial.vision).toMatchObject({ width: 32, layers: 2, heads: 2 });
  });

  test.each<[string, Record<string, Json>]>([
    ["LayerScale", { vision: { ls_init_value: 1e-5 }, text: { ls_init_value: null } }],
    ["training", { vision: { patch_dropout: 0.5 }, model: { init_logit_scale: 2.7, init_logit_bias: -10 } }],
    ["parts that are off", { vision: { timm_model_pretrained: true, timm_pool: "avg", attn_pooler_heads: 8 } }],
    ["the defaults", { vision: { scale_fc: false, block_type: null, norm_kwargs: {}, act_kwargs: {} } }],
    ["tokenizer names", { text: { hf_tokenizer_name: "x", tokenizer_kwargs: { clean: "lower" }, pad_id: 1 } }],
    ["naming", { model: { custom_text: true } }],
  ])("%s changes nothing", (_name, change) => {
    expect(openClip(change)).toEqual(openClip());
  });

  test.each<[string, Record<string, Json>]>([
    ["vision_cfg.scale_attn", { vision: { scale_attn: true } }],
    ["vision_cfg.scale_attn_inner", { vision: { scale_attn_inner: true } }],
    ["vision_cfg.scale_fc", { vision: { scale_fc: true } }],
    ["vision_cfg.scale_heads", { vision: { scale_heads: true } }],
    ["text_cfg.scale_heads", { text: { scale_heads: true } }],
    ["text_cfg.qk_norm", { text: { qk_norm: true } }],
    ["vision_cfg.block_type", { vision: { block_type: "custom" } }],
    ["vision_cfg.act_kwargs", { vision: { act_kwargs: { approximate: "tanh" } } }],
    ["vision_cfg.norm_kwargs.elementwise_affine", { vision: { norm_kwargs: { elementwise_affine: true } } }],
    ["vision_cfg.not_yet_known", { vision: { not_yet_known: 1 } }],
    ["multimodal_cfg", { model: { multimodal_cfg: { width: 512 } } }],
    ["text_cfg.tokenizer_kwargs.clean", { text: { tokenizer_kwargs: { clean: "canonicalize" } } }],
    ["text_cfg.tokenizer_kwargs.strip_sep_token", { text: { tokenizer_kwargs: { strip_sep_token: true } } }],
    ["text_cfg.tokenizer_mode", { text: { tokenizer_mode: "clips" } }],
    ["text_cfg.pool_type", { text: { pool_type: "last" } }],
    ["text_cfg.eos_id", { text: { pool_type: "eos" } }],
    ["text_cfg.proj_type", { text: { proj_type: "none" } }],
    ["vision_cfg.image_size", { vision: { image_size: [32, 48] } }],
    ["preprocess_cfg.resize_mode", { preprocess: { resize_mode: "longest" } }],
    ["preprocess_cfg.mode", { preprocess: { mode: "L" } }],
    ["preprocess_cfg.std.0", { preprocess: { std: [1e-300, 1, 1] } }],
  ])("%s is refused by name", (key, change) => {
    const error = errorOf(() => openClip(change));
    expect(error.code).toBe("model-config");
    expect(error.message).toContain(`${key}:`);
  });

  test("only a list of layers is called a ResNet", () => {
    const message = (layers: unknown) => errorOf(() => openClip({ vision: { layers } })).message;
    expect(message([3, 4, 6, 3])).toContain("ResNet towers are not supported");
    expect(message("twelve")).not.toContain("ResNet");
    expect(message(0)).not.toContain("ResNet");
  });

  test("texts can be pooled at a given end token", () => {
    expect(openClip({ text: { pool_type: "eos", eos_id: 513 } }).text!.endToken).toBe(513);
    expect(openClip({ text: { eos_id: 513 } }).text!.endToken).toBe("largest");
  });

  test("one number stands for three channels", () => {
    expect(openClip({ preprocess: { mean: 0.5, std: 0.25 } }).preprocessing).toMatchObject({
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    });
  });
});

describe("config.json", () => {
  test("nulls mean that a key is absent", () => {
    const nulls = { hidden_act: null, layer_norm_eps: null };
    const settings = huggingFace({
      vision: nulls,
      text: { ...nulls, eos_token_id: null },
      preprocessor: { size: null, crop_size: 32, image_mean: null, do_center_crop: null, resample: null },
      top: { text_config_dict: null },
    });
    expect(settings.vision).toEqual({ heads: 2, activation: "quick_gelu", epsilon: 1e-5, imageSize: 32 });
    expect(settings.text).toEqual({ heads: 2, activation: "quick_gelu", epsilon: 1e-5 });
    expect(huggingFace({ top: { vision_config: null, text_config: null } }).vision.heads).toBe(12);
  });

  test("a vision tower alone has a flat configuration", () => {
    const flat = { model_type: "clip_vision_model", num_attention_heads: 2, image_size: 32, hidden_act: "gelu" };
    const settings = settingsOf("m", { "config.json": JSON.stringify(flat) })!;
    expect(settings.vision).toEqual({ heads: 2, activation: "gelu", epsilon: 1e-5, imageSize: 32 });
    const other = { ...flat, model_type: "blip_vision_model" };
    const texts = { "config.json": JSON.stringify(other) };
    expect(errorOf(() => settingsOf("m", texts)).code).toBe("model-config");
  });

  test("older *_config_dict entries override, as in Transformers", () => {
    const settings = huggingFace({ top: { vision_config_dict: { hidden_act: "gelu", image_size: 32 } } });
    expect(settings.vision).toEqual({ heads: 12, activation: "gelu", epsilon: 1e-5, imageSize: 32 });
  });

  test("the end token: 2 is the old way, others are looked for, and an absent one is CLIP's", () => {
    const endToken = (text: Json) => configOf(huggingFace({ text }), "hugging-face").text?.endToken;
    expect(endToken({ eos_token_id: 2 })).toBeUndefined();
    expect(endToken({ eos_token_id: 7 })).toBe(7);
    expect(endToken({ eos_token_id: 0 })).toBe(0);
    // 49407 is past the 514 ids of these weights.
    expect(endToken({})).toBeUndefined();
    expect(errorOf(() => endToken({ eos_token_id: 49407 })).code).toBe("model-config");
    const tokens = { ...weights.text!.tokens, shape: [49_410, 24] };
    const large = { ...weights, text: { ...weights.text!, tokens } };
    const config = clipConfig(large, huggingFace({}), {}, { path: "m", layout: "hugging-face", family: "clip" });
    expect(config.text?.endToken).toBe(49_407);
  });
});

describe("preparation of pictures", () => {
  const CROP = { size: { shortest_edge: 32 }, crop_size: { height: 32, width: 32 } };

  test.each<[string, Json, Json]>([
    ["whole numbers", { size: 32, crop_size: 32 }, { fit: "crop" }],
    ["objects", CROP, { fit: "crop" }],
    ["a resize to more than the crop", { size: { shortest_edge: 40 }, crop_size: 32 }, { fit: "crop", resizeTo: 40 }],
    ["a squash", { size: { height: 32, width: 32 }, do_center_crop: false }, { fit: "squash" }],
    ["a squash, then a crop", { size: { height: 40, width: 40 }, crop_size: 32 }, { fit: "squash", resizeTo: 40 }],
    ["bilinear", { ...CROP, resample: 2, rescale_factor: 1 / 255, do_convert_rgb: true }, { filter: "bilinear" }],
    ["defaults of 224", {}, { fit: "crop" }],
  ])("%s", (name, preprocessor, expected) => {
    const vision = { image_size: name.includes("224") ? 224 : 32 };
    const { preprocessing } = huggingFace({ vision, preprocessor });
    expect(preprocessing).toMatchObject(expected);
    expect("resizeTo" in preprocessing).toBe("resizeTo" in expected);
  });

  test.each<[string, Json]>([
    ["size", { size: { height: 32, width: 48 }, crop_size: 32 }],
    ["size", { size: { longest_edge: 32 }, crop_size: 32 }],
    ["size", { size: { height: 40, width: 40 }, do_center_crop: false }],
    ["size", { size: 24, crop_size: 32 }],
    ["crop_size", { size: 32, crop_size: { height: 32, width: 24 } }],
    ["crop_size", { size: 40, crop_size: 36 }],
    ["crop_size", { size: 32 }],
    ["do_center_crop", { size: { shortest_edge: 32 }, do_center_crop: false }],
    ["rescale_factor", { ...CROP, rescale_factor: 1 / 127.5 }],
    ["do_rescale", { ...CROP, do_rescale: false }],
    ["do_normalize", { ...CROP, do_normalize: false }],
    ["do_resize", { ...CROP, do_resize: false }],
    ["do_pad", { ...CROP, do_pad: true }],
    ["resample", { ...CROP, resample: 1 }],
    ["image_processor_type", { ...CROP, image_processor_type: "ViTImageProcessor" }],
  ])("%s of %j is refused", (key, preprocessor) => {
    const error = errorOf(() => huggingFace({ preprocessor }));
    expect(error.code).toBe("model-config");
    expect(error.message).toContain(`${key}:`);
  });

  test("processor_config.json counts where preprocessor_config.json is absent", () => {
    const processor = { processor_class: "CLIPProcessor", image_processor: { ...CROP, image_mean: [0.1, 0.2, 0.3] } };
    expect(huggingFace({ processor }).preprocessing.mean).toEqual([0.1, 0.2, 0.3]);
    expect(huggingFace({ processor, preprocessor: CROP }).preprocessing.mean[0]).toBeCloseTo(0.4815, 4);
    expect(huggingFace({ processor: { processor_class: "CLIPProcessor" } })).toEqual(huggingFace({}));
    const wrong = { image_processor: { ...CROP, rescale_factor: 1 } };
    expect(errorOf(() => huggingFace({ processor: wrong })).message).toContain(
      "processor_config.json: rescale_factor:",
    );
  });

  test("another size of picture keeps the part of it that is seen", () => {
    const settings = huggingFace({ preprocessor: { size: 40, crop_size: 32 } });
    const resizeTo = (imageSize: number) => configOf(settings, "hugging-face", imageSize).preprocessing.resizeTo;
    expect(resizeTo(64)).toBe(80);
    expect(resizeTo(32)).toBe(40);
    expect(configOf(huggingFace({}), "hugging-face", 64).preprocessing).not.toHaveProperty("resizeTo");
  });

  test.each([Number.NaN, 33.5, 7, -32, 1e9])("a picture size of %s is refused", (imageSize) => {
    expect(errorOf(() => configOf(openClip(), "open-clip", imageSize)).code).toBe("usage");
  });
});

describe("10,000 mutated files", () => {
  const OPEN_CLIP = {
    model_cfg: { embed_dim: 20, quick_gelu: false, vision_cfg: { ...VISION, ls_init_value: null }, text_cfg: TEXT },
    preprocess_cfg: { mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28], interpolation: "bicubic" },
  };
  const HUGGING_FACE = {
    model_type: "clip",
    vision_config: { num_attention_heads: 2, image_size: 32, hidden_act: "gelu", layer_norm_eps: 0.00001 },
    text_config: { num_attention_heads: 2, hidden_act: "gelu", eos_token_id: 2, bos_token_id: 0 },
  };
  const PREPROCESSOR = {
    crop_size: { height: 32, width: 32 },
    size: { shortest_edge: 40 },
    do_center_crop: true,
    do_rescale: true,
    rescale_factor: 0.00392156862745098,
    image_mean: [0.48, 0.46, 0.41],
    image_std: [0.27, 0.26, 0.28],
    resample: 3,
  };
  const huggingFaceTexts = {
    "config.json": JSON.stringify(HUGGING_FACE),
    "preprocessor_config.json": JSON.stringify(PREPROCESSOR),
  };
  const texts = { ...huggingFaceTexts, "open_clip_config.json": JSON.stringify(OPEN_CLIP) };

  test.each([
    ["open_clip_config.json", 4000, 21],
    ["config.json", 3000, 22],
    ["preprocessor_config.json", 3000, 23],
  ] as const)(
    "%s, %i times: a sound model or a typed error, whatever the order and the white space",
    (name, count, seed) => {
      const layout = name === "open_clip_config.json" ? "open-clip" : "hugging-face";
      const random = new Random(seed);
      const bytes = Buffer.from(texts[name]);
      const load = (text: string): ClipConfig => {
        const others = layout === "open-clip" ? {} : huggingFaceTexts;
        const settings = settingsOf("m", { ...others, [name]: text })!;
        return clipConfig(weights, settings, {}, { path: "m", layout, family: "clip" });
      };
      const outcomes = { loaded: 0, refused: 0 };
      for (let i = 0; i < count; i++) {
        const text = mutate(bytes, random).toString("utf8");
        let config: ClipConfig;
        try {
          config = load(text);
        } catch (error) {
          if (!(error instanceof VitrineError)) throw error;
          if (error.message.includes("\n")) throw new Error(`more than one line: ${error.message}`, { cause: error });
          outcomes.refused++;
          continue;
        }
        outcomes.loaded++;
        checkSound(config);
        expect(load(JSON.stringify(reordered(JSON.parse(text)), null, 2))).toEqual(config);
      }
      expect(outcomes.loaded).toBeGreaterThan(100);
      expect(outcomes.refused).toBeGreaterThan(1000);
    },
  );

  function checkSound({ vision, text, preprocessing }: ClipConfig): void {
    const { imageSize, grid, patchSize, heads, width, epsilon } = vision;
    const sizes = [imageSize, grid, heads, preprocessing.resizeTo ?? imageSize, text!.heads];
    const sound =
      sizes.every((size) => Number.isSafeInteger(size) && size >= 1) &&
      grid * patchSize <= imageSize &&
      width % heads === 0 &&
      (preprocessing.resizeTo ?? imageSize) >= imageSize &&
      [epsilon, text!.epsilon, ...preprocessing.std].every((x) => Number.isFinite(Math.fround(1 / x)) && x > 0) &&
      preprocessing.mean.every((x) => Number.isFinite(x)) &&
      Number(text!.endToken ?? 0) < text!.vocabulary;
    if (!sound) throw new Error(`unsound: ${JSON.stringify({ vision, text, preprocessing })}`);
  }

  /** The same JSON with the keys of its objects in reverse. */
  function reordered(json: unknown): unknown {
    if (Array.isArray(json)) return json.map(reordered);
    if (typeof json !== "object" || json === null) return json;
    const entries = Object.entries(json).map(([key, value]) => [key, reordered(value)] as const);
    return Object.fromEntries(entries.reverse());
  }
});
