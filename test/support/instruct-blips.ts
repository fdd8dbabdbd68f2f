/** A small random InstructBLIP for tests, and what the published formulas make of it, in float64 and with nothing shared with the library. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../src/engine/media/byte-tokenizer.js";
import { Random } from "../../src/engine/tensor/random.js";
import { sizeOf } from "../../src/engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../src/engine/tensor/tensor.js";
import { type Tensors, writeAll } from "./clips.js";
import { languageTensors } from "./languages.js";
import { LANGUAGE, languageConfigJson, naiveWords } from "./llavas.js";
import { dot, gelu, layerNorm, linear, type Matrix, rowsOf, softmax } from "./naive-clip.js";
import type { NaiveStates } from "./naive-language.js";

const TOWER = { layers: 2, width: 20, heads: 2, hidden: 36, imageSize: 24, patchSize: 8, epsilon: 1e-5 };
const QUERIES = { layers: 4, width: 12, heads: 3, hidden: 30, count: 5, longest: 24, epsilon: 1e-6 };
export const IMAGE_SIZE = TOWER.imageSize;
export const QUERY_COUNT = QUERIES.count;

const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz");
/** BERT's kind of vocabulary, in small. */
const WORDS = [
  ...["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "?", ".", "what", "is", "this", "un", "##usual"],
  ...LETTERS,
  ...LETTERS.map((letter) => `##${letter}`),
];

/** What BERT's tokenizer makes of a text, by the longest piece first. */
export function naiveWordPieces(text: string): number[] {
  const pieces = (text.toLowerCase().match(/[a-z]+|[^a-z\s]/g) ?? []).flatMap((word) => {
    const found: string[] = [];
    for (let start = 0; start < word.length;) {
      let end = word.length;
      const piece = (): string => (start > 0 ? "##" : "") + word.slice(start, end);
      while (end > start && !WORDS.includes(piece())) end--;
      if (end === start) return ["[UNK]"];
      found.push(piece());
      start = end;
    }
    return found;
  });
  return ["[CLS]", ...pieces, "[SEP]"].map((piece) => WORDS.indexOf(piece));
}

function wordPieceJson(): object {
  const special = (id: number) => ({ id, content: WORDS[id]!, special: true, normalized: false });
  const framing = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const token = (name: string) => ({ id: name, ids: [WORDS.indexOf(name)], tokens: [name] });
  return {
    version: "1.0",
    added_tokens: [0, 1, 2, 3, 4].map((id) => ({ ...special(id), single_word: false, lstrip: false, rstrip: false })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [framing("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, framing("[SEP]")],
      pair: [
        framing("[CLS]"),
        { Sequence: { id: "A", type_id: 0 } },
        framing("[SEP]"),
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: { "[CLS]": token("[CLS]"), "[SEP]": token("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  };
}

export interface WrittenInstructBlip {
  readonly folder: string;
  readonly tensors: Tensors;
  /** By the names of a language model alone. */
  readonly language: Tensors;
}

/** Writes the checkpoint into `folder`; `change` may spoil its tensors and configuration. */
export async function writeInstructBlip(
  folder: string,
  change: (tensors: Tensors, config: Record<string, unknown>) => void = () => undefined,
): Promise<WrittenInstructBlip> {
  const language = languageTensors(LANGUAGE);
  const names = { prefix: "language_model.model.", head: "language_model.lm_head.weight" };
  const tensors: Tensors = new Map([...bridgeTensors(), ...languageTensors(LANGUAGE, names)]);
  const config = {
    model_type: "instructblip",
    num_query_tokens: QUERIES.count,
    image_token_index: LANGUAGE.vocabulary - 1,
    text_config: { model_type: "llama", ...languageConfigJson() },
    vision_config: {
      model_type: "instructblip_vision_model",
      hidden_size: TOWER.width,
      num_attention_heads: TOWER.heads,
      image_size: TOWER.imageSize,
      layer_norm_eps: TOWER.epsilon,
    },
    qformer_config: {
      model_type: "instructblip_qformer",
      num_attention_heads: QUERIES.heads,
      layer_norm_eps: QUERIES.epsilon,
      cross_attention_frequency: 2,
    },
  };
  const written = { folder, tensors, language };
  const spoilt = new Map(tensors);
  change(spoilt, config);
  await mkdir(join(folder, "qformer_tokenizer"), { recursive: true });
  await writeAll(join(folder, "model.safetensors"), spoilt);
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteTokenizerJson()));
  await writeFile(join(folder, "qformer_tokenizer/tokenizer.json"), JSON.stringify(wordPieceJson()));
  return written;
}

/** The tower, the Q-Former and the projection. */
function bridgeTensors(): Tensors {
  const random = new Random(21);
  const tensors: Tensors = new Map();
  const put = (name: string, shape: number[], deviation: number, mean = 0): void => {
    const data = random.centred(sizeOf(shape), deviation).map((value) => value + mean);
    tensors.set(name, floatTensor(data, shape));
  };
  const matrix = (name: string, out: number, from: number): void => {
    put(`${name}.weight`, [out, from], 1.3 / Math.sqrt(from));
    put(`${name}.bias`, [out], 0.3);
  };
  const norm = (name: string, width: number): void => {
    put(`${name}.weight`, [width], 0.3, 1);
    put(`${name}.bias`, [width], 0.3);
  };
  const { width, hidden, patchSize } = TOWER;
  const places = (TOWER.imageSize / patchSize) ** 2 + 1;
  put("vision_model.embeddings.class_embedding", [1, 1, width], 1);
  put("vision_model.embeddings.position_embedding", [1, places, width], 0.5);
  put("vision_model.embeddings.patch_embedding.weight", [width, 3, patchSize, patchSize], 1 / patchSize);
  put("vision_model.embeddings.patch_embedding.bias", [width], 0.3);
  for (let i = 0; i < TOWER.layers; i++) {
    const at = `vision_model.encoder.layers.${i}`;
    norm(`${at}.layer_norm1`, width);
    matrix(`${at}.self_attn.qkv`, 3 * width, width);
    matrix(`${at}.self_attn.projection`, width, width);
    norm(`${at}.layer_norm2`, width);
    matrix(`${at}.mlp.fc1`, hidden, width);
    matrix(`${at}.mlp.fc2`, width, hidden);
  }
  norm("vision_model.post_layernorm", width);
  const w = QUERIES.width;
  put("query_tokens", [1, QUERIES.count, w], 1);
  put("qformer.embeddings.word_embeddings.weight", [WORDS.length, w], 1);
  put("qformer.embeddings.position_embeddings.weight", [QUERIES.longest, w], 0.5);
  norm("qformer.embeddings.layernorm", w);
  for (let i = 0; i < QUERIES.layers; i++) {
    const at = `qformer.encoder.layer.${i}`;
    const attention = (name: string, from: number): void => {
      matrix(`${name}.attention.query`, w, w);
      matrix(`${name}.attention.key`, w, from);
      matrix(`${name}.attention.value`, w, from);
      matrix(`${name}.output.dense`, w, w);
      norm(`${name}.output.LayerNorm`, w);
    };
    attention(`${at}.attention`, w);
    if (i % 2 === 0) attention(`${at}.crossattention`, width);
    for (const suffix of ["", "_query"]) {
      matrix(`${at}.intermediate${suffix}.dense`, QUERIES.hidden, w);
      matrix(`${at}.output${suffix}.dense`, w, QUERIES.hidden);
      norm(`${at}.output${suffix}.LayerNorm`, w);
    }
  }
  matrix("language_projection", LANGUAGE.width, w);
  return tensors;
}

/** The states of the language model over [image tokens, ids]; `text` is what the queries read. */
export function naiveInstructBlip(
  { tensors, language }: WrittenInstructBlip,
  pixels: FloatTensor,
  text: string,
  ids: readonly number[],
  afterBlock?: (layer: number, stream: Matrix) => Matrix,
): NaiveStates {
  const seen = naiveTower(tensors, pixels.data);
  return naiveWords(language, [], naiveQueries(tensors, seen, naiveWordPieces(text)), ids, afterBlock);
}

type Affine = (x: Matrix, name: string) => Matrix;

function helpers(tensors: Tensors, epsilon: number): { affine: Affine; norm: Affine } {
  const vector = (name: string): number[] => Array.from(tensors.get(name)!.data);
  return {
    affine: (x, name) => linear(x, rowsOf(tensors.get(`${name}.weight`)!), vector(`${name}.bias`)),
    norm: (x, name) => x.map((row) => layerNorm(row, vector(`${name}.weight`), vector(`${name}.bias`), epsilon)),
  };
}

const sum = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));

/** Each row of queries attends to all rows of keys, head by head. */
function attended(queries: Matrix, keys: Matrix, values: Matrix, heads: number): Matrix {
  const d = queries[0]!.length / heads;
  const part = (row: number[], head: number): number[] => row.slice(head * d, (head + 1) * d);
  return queries.map((query) =>
    Array.from({ length: heads }, (_, head) => {
      const shares = softmax(keys.map((key) => dot(part(query, head), part(key, head)) / Math.sqrt(d)));
      return Array.from({ length: d }, (_unused, i) =>
        shares.reduce((total, share, key) => total + share * part(values[key]!, head)[i]!, 0),
      );
    }).flat(),
  );
}

function naiveTower(tensors: Tensors, pixels: ArrayLike<number>): Matrix {
  const { affine, norm } = helpers(tensors, TOWER.epsilon);
  const { width, patchSize: p, imageSize: size, heads, layers } = TOWER;
  const kernel = tensors.get("vision_model.embeddings.patch_embedding.weight")!.data;
  const bias = tensors.get("vision_model.embeddings.patch_embedding.bias")!.data;
  const position = tensors.get("vision_model.embeddings.position_embedding")!.data;
  const grid = size / p;
  const rows: Matrix = [Array.from(tensors.get("vision_model.embeddings.class_embedding")!.data)];
  for (let cell = 0; cell < grid * grid; cell++) {
    const [top, left] = [Math.floor(cell / grid) * p, (cell % grid) * p];
    rows.push(
      Array.from({ length: width }, (_, out) => {
        let total = bias[out]!;
        for (let k = 0; k < 3 * p * p; k++) {
          const [c, y, x] = [Math.floor(k / (p * p)), Math.floor(k / p) % p, k % p];
          total += kernel[out * 3 * p * p + k]! * pixels[(c * size + top + y) * size + left + x]!;
        }
        return total;
      }),
    );
  }
  let x = rows.map((row, i) => row.map((value, j) => value + position[i * width + j]!));
  for (let i = 0; i < layers; i++) {
    const at = `vision_model.encoder.layers.${i}`;
    const mixed = affine(norm(x, `${at}.layer_norm1`), `${at}.self_attn.qkv`);
    const part = (n: number): Matrix => mixed.map((row) => row.slice(n * width, (n + 1) * width));
    x = sum(x, affine(attended(part(0), part(1), part(2), heads), `${at}.self_attn.projection`));
    const hidden = affine(norm(x, `${at}.layer_norm2`), `${at}.mlp.fc1`).map((row) => row.map(gelu));
    x = sum(x, affine(hidden, `${at}.mlp.fc2`));
  }
  return norm(x, "vision_model.post_layernorm");
}

function naiveQueries(tensors: Tensors, seen: Matrix, ids: readonly number[]): Matrix {
  const { affine, norm } = helpers(tensors, QUERIES.epsilon);
  const { width, count, heads, layers } = QUERIES;
  const words = rowsOf(tensors.get("qformer.embeddings.word_embeddings.weight")!);
  const places = rowsOf(tensors.get("qformer.embeddings.position_embeddings.weight")!);
  const queries = tensors.get("query_tokens")!;
  const learnt = rowsOf({ shape: [count, width], data: queries.data });
  const asked = ids.map((id, i) => words[id]!.map((value, j) => value + places[i]![j]!));
  const look = (x: Matrix, source: Matrix, name: string): Matrix => {
    const at = `${name}.attention`;
    const parts = [affine(x, `${at}.query`), affine(source, `${at}.key`), affine(source, `${at}.value`)] as const;
    return norm(sum(affine(attended(...parts, heads), `${name}.output.dense`), x), `${name}.output.LayerNorm`);
  };
  let x = norm([...learnt, ...asked], "qformer.embeddings.layernorm");
  for (let i = 0; i < layers; i++) {
    const at = `qformer.encoder.layer.${i}`;
    const process = (rows: Matrix, suffix: string): Matrix => {
      const hidden = affine(rows, `${at}.intermediate${suffix}.dense`).map((row) => row.map(gelu));
      return norm(sum(affine(hidden, `${at}.output${suffix}.dense`), rows), `${at}.output${suffix}.LayerNorm`);
    };
    const both = look(x, x, `${at}.attention`);
    const own = both.slice(0, count);
    const looked = i % 2 === 0 ? look(own, seen, `${at}.crossattention`) : own;
    x = [...process(looked, "_query"), ...process(both.slice(count), "")];
  }
  return affine(x.slice(0, count), "language_projection");
}
