/**
 * Vision towers of other families than CLIP and their decomposition once more, written down naively in float64: nested loops over
 * the published formulas, nothing shared with the library. Weights come by Hugging Face's names; positions are not resampled.
 */
import {
  addAll,
  dot,
  gelu,
  layerNorm,
  linear,
  type Matrix,
  type NaiveClip,
  type NaiveResult,
  type NaiveWeights,
  rowsOf,
  softmax,
} from "./naive-clip.js";

export interface NaiveFamily {
  readonly family: "vit" | "dinov2" | "siglip";
  readonly layers: number;
  readonly heads: number;
  readonly epsilon: number;
}

/** What a layer of attention wrote to the first of its queries, by head and token, without the bias: [H][N][D]. */
type Writes = number[][][];

export function naiveFamily(
  pixels: ArrayLike<number>,
  size: number,
  weights: NaiveWeights,
  { family, layers, heads, epsilon }: NaiveFamily,
): NaiveClip {
  const vector = (name: string): number[] => Array.from(weights.get(name).data);
  const affine = (x: Matrix, name: string): Matrix =>
    linear(x, rowsOf(weights.get(`${name}.weight`)), vector(`${name}.bias`));
  const norm = (x: Matrix, name: string): Matrix =>
    x.map((row) => layerNorm(row, vector(`${name}.weight`), vector(`${name}.bias`), epsilon));
  const names = NAMES[family];
  const scaled = (x: Matrix, name: string): Matrix => {
    if (!weights.has(name)) return x;
    const scale = vector(name);
    return x.map((row) => row.map((v, i) => v * scale[i]!));
  };

  const patches = embed(pixels, size, weights, names.patch);
  const table = flatRows(weights.get(names.position));
  let x: Matrix;
  if (family === "siglip") x = patches.map((row, i) => plus(row, table[i]!));
  else {
    const registers = weights.has("embeddings.register_tokens")
      ? flatRows(weights.get("embeddings.register_tokens"))
      : [];
    const first = plus(vector("embeddings.cls_token"), table[0]!);
    x = [first, ...registers, ...patches.map((row, i) => plus(row, table[i + 1]!))];
  }
  const start = x[0]!;
  const streams = [x];
  const written: Writes[] = [];
  const biases: number[][] = [];
  const mlps: number[][] = [];
  for (let layer = 0; layer < layers; layer++) {
    const at = names.layer(layer);
    const y = norm(x, `${at}.${names.norm1}`);
    const [q, k, v] = names.qkv.map((name) => affine(y, `${at}.${name}`)) as [Matrix, Matrix, Matrix];
    const out = `${at}.${names.out}`;
    const scale = weights.has(`${at}.layer_scale1.lambda1`) ? vector(`${at}.layer_scale1.lambda1`) : undefined;
    const { outputs, writes, bias } = attend(
      q,
      k,
      v,
      rowsOf(weights.get(`${out}.weight`)),
      vector(`${out}.bias`),
      heads,
      scale,
    );
    written.push(writes);
    biases.push(bias);
    x = x.map((row, i) => plus(row, outputs[i]!));
    const z = norm(x, `${at}.${names.norm2}`);
    const wrote = scaled(mlp(z, at), `${at}.layer_scale2.lambda1`);
    mlps.push(wrote[0]!);
    x = x.map((row, i) => plus(row, wrote[i]!));
    streams.push(x);
  }

  function mlp(y: Matrix, at: string): Matrix {
    if (weights.has(`${at}.mlp.weights_in.weight`)) {
      const both = affine(y, `${at}.mlp.weights_in`);
      const half = both[0]!.length / 2;
      const gated = both.map((row) => row.slice(0, half).map((a, i) => (a / (1 + Math.exp(-a))) * row[half + i]!));
      return affine(gated, `${at}.mlp.weights_out`);
    }
    const activated = affine(y, `${at}.${names.fc1}`).map((row) => row.map(family === "siglip" ? geluTanh : gelu));
    return affine(activated, `${at}.${names.fc2}`);
  }

  if (family === "siglip") {
    const y = norm(x, "vision_model.post_layernorm");
    const head = "vision_model.head";
    const width = y[0]!.length;
    const fused = rowsOf(weights.get(`${head}.attention.in_proj_weight`));
    const fusedBias = vector(`${head}.attention.in_proj_bias`);
    const part = (of: Matrix, i: number): Matrix =>
      linear(of, fused.slice(i * width, (i + 1) * width), fusedBias.slice(i * width, (i + 1) * width));
    const out = `${head}.attention.out_proj`;
    const { outputs, writes, bias } = attend(
      part([vector(`${head}.probe`)], 0),
      part(y, 1),
      part(y, 2),
      rowsOf(weights.get(`${out}.weight`)),
      vector(`${out}.bias`),
      heads,
    );
    const remainder = mlp(norm(outputs, `${head}.layernorm`), head)[0]!;
    const features = plus(outputs[0]!, remainder);
    const length = Math.hypot(...features);
    const zero = features.map(() => 0);
    const result = shared([writes], [bias], [zero, remainder], features, (term) => term.map((v) => v / length));
    return { ...result, streams };
  }

  const end = x[0]!;
  const gamma = vector("layernorm.weight");
  const beta = vector("layernorm.bias");
  const features = layerNorm(end, gamma, beta, epsilon);
  const length = Math.hypot(...features);
  const mean = end.reduce((a, b) => a + b, 0) / end.length;
  const deviation = Math.sqrt(end.reduce((sum, v) => sum + (v - mean) ** 2, 0) / end.length + epsilon);
  const result = shared(written, biases, [start, ...mlps], features, (term, share) =>
    term.map((v, i) => ((gamma[i]! * (v - mean * share)) / deviation + beta[i]! * share) / length),
  );
  return { ...result, streams };
}

/** Contributions of all terms, constants in equal shares. */
function shared(
  written: readonly Writes[],
  biases: readonly number[][],
  mlps: number[][],
  features: number[],
  contribute: (term: number[], share: number) => number[],
): NaiveResult {
  const terms = 2 * written.length + 1;
  const cells = written.map((heads, layer) =>
    heads.map((tokens) => {
      const count = tokens.length * heads.length;
      return tokens.map((write) =>
        contribute(
          plus(
            write,
            biases[layer]!.map((b) => b / count),
          ),
          1 / (terms * count),
        ),
      );
    }),
  );
  return {
    features,
    heads: cells.map((heads) => heads.map((tokens) => addAll(tokens))),
    tokens: cells.map((heads) => heads[0]!.map((_, i) => addAll(heads.map((tokens) => tokens[i]!)))),
    mlps: mlps.map((term) => contribute(term, 1 / terms)),
  };
}

function attend(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  out: Matrix,
  outBias: number[],
  heads: number,
  scale: number[] = outBias.map(() => 1),
): { outputs: Matrix; writes: Writes; bias: number[] } {
  const d = out.length / heads;
  const bias = outBias.map((b, i) => b * scale[i]!);
  const outputs = q.map(() => [...bias]);
  const writes: Writes = [];
  for (let head = 0; head < heads; head++) {
    const part = (row: number[]): number[] => row.slice(head * d, (head + 1) * d);
    writes.push([]);
    q.forEach((query, row) => {
      const pattern = softmax(k.map((key) => dot(part(query), part(key)) / Math.sqrt(d)));
      pattern.forEach((weight, token) => {
        const write = out.map((w, i) => weight * dot(part(w), part(v[token]!)) * scale[i]!);
        write.forEach((value, i) => (outputs[row]![i]! += value));
        if (row === 0) writes[head]!.push(write);
      });
    });
  }
  return { outputs, writes, bias };
}

function embed(pixels: ArrayLike<number>, size: number, weights: NaiveWeights, name: string): Matrix {
  const kernel = weights.get(`${name}.weight`);
  const bias = weights.get(`${name}.bias`).data;
  const [width, , side] = kernel.shape as [number, number, number];
  const grid = Math.floor(size / side);
  return Array.from({ length: grid * grid }, (_, cell) => {
    const top = Math.floor(cell / grid) * side;
    const left = (cell % grid) * side;
    return Array.from({ length: width }, (_, out) => {
      let sum = bias[out]!;
      for (let i = 0; i < 3 * side * side; i++) {
        const [c, y, x] = [Math.floor(i / side / side), Math.floor(i / side) % side, i % side];
        sum += kernel.data[out * 3 * side * side + i]! * pixels[(c * size + top + y) * size + left + x]!;
      }
      return sum;
    });
  });
}

function flatRows({ shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): Matrix {
  return rowsOf({ shape: shape.slice(-2), data });
}

const plus = (a: number[], b: number[]): number[] => a.map((v, i) => v + b[i]!);
const geluTanh = (x: number): number => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

const HUGGING_FACE = {
  patch: "embeddings.patch_embeddings.projection",
  position: "embeddings.position_embeddings",
  layer: (i: number) => `encoder.layer.${i}`,
  qkv: ["query", "key", "value"].map((name) => `attention.attention.${name}`),
  out: "attention.output.dense",
};

const NAMES = {
  vit: {
    ...HUGGING_FACE,
    norm1: "layernorm_before",
    norm2: "layernorm_after",
    fc1: "intermediate.dense",
    fc2: "output.dense",
  },
  dinov2: { ...HUGGING_FACE, norm1: "norm1", norm2: "norm2", fc1: "mlp.fc1", fc2: "mlp.fc2" },
  siglip: {
    patch: "vision_model.embeddings.patch_embedding",
    position: "vision_model.embeddings.position_embedding.weight",
    layer: (i: number) => `vision_model.encoder.layers.${i}`,
    qkv: ["q", "k", "v"].map((name) => `self_attn.${name}_proj`),
    out: "self_attn.out_proj",
    norm1: "layer_norm1",
    norm2: "layer_norm2",
    fc1: "mlp.fc1",
    fc2: "mlp.fc2",
  },
};
