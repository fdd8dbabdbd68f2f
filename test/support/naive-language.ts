/**
 * Causal language models of the Llama family once more, written down naively in float64: nested loops over the published formulas,
 * nothing shared with the library. Weights come by Hugging Face's names.
 */
import type { Matrix, NaiveWeights } from "./naive-clip.js";

export interface NaiveLanguageConfig {
  readonly heads: number;
  readonly keyHeads: number;
  readonly headWidth: number;
  readonly theta: number;
  readonly epsilon: number;
  readonly prefix?: string;
}

export interface NaiveStates {
  /** [L+1][N][D]: the embeddings, then what each block leaves. */
  readonly streams: Matrix[];
  /** [N][V] */
  readonly logits: Matrix;
}

/** Embeddings [N][D] to the logits of what follows each. `afterBlock` may put another stream in place of what a block leaves. */
export function naiveLanguage(
  embeddings: Matrix,
  weights: NaiveWeights,
  { heads, keyHeads, headWidth: d, theta, epsilon, prefix = "model." }: NaiveLanguageConfig,
  afterBlock: (layer: number, stream: Matrix) => Matrix = (_layer, stream) => stream,
): NaiveStates {
  const vector = (name: string): number[] => Array.from(weights.get(name).data);
  const linear = (x: number[], name: string): number[] => {
    const { data, shape } = weights.get(`${name}.weight`);
    const bias = weights.has(`${name}.bias`) ? vector(`${name}.bias`) : undefined;
    return Array.from({ length: shape[0]! }, (_, row) => {
      let sum = bias?.[row] ?? 0;
      for (let i = 0; i < x.length; i++) sum += x[i]! * data[row * x.length + i]!;
      return sum;
    });
  };
  const norm = (x: number[], name: string): number[] => {
    const gamma = vector(`${name}.weight`);
    const scale = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + epsilon);
    return x.map((value, i) => value * scale * gamma[i]!);
  };
  const turned = (x: number[], place: number): number[] =>
    x.map((value, i) => {
      const angle = place * theta ** ((-2 * (i % (d / 2))) / d);
      const other = i < d / 2 ? -x[i + d / 2]! : x[i - d / 2]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });

  let x = embeddings;
  const streams = [x];
  for (let layer = 0; weights.has(`${prefix}layers.${layer}.input_layernorm.weight`); layer++) {
    const at = `${prefix}layers.${layer}`;
    const normed = x.map((row) => norm(row, `${at}.input_layernorm`));
    const [queries, keys, values] = ["q", "k", "v"].map((name) =>
      normed.map((row) => linear(row, `${at}.self_attn.${name}_proj`)),
    ) as [Matrix, Matrix, Matrix];
    const headOf = (rows: Matrix, token: number, head: number): number[] =>
      rows[token]!.slice(head * d, (head + 1) * d);
    const attended = x.map((_, token) => {
      const z = Array.from({ length: heads }, (_unused, head) => {
        const shared = Math.floor((head * keyHeads) / heads);
        const query = turned(headOf(queries, token, head), token);
        const scores = Array.from({ length: token + 1 }, (_none, key) => {
          const products = turned(headOf(keys, key, shared), key).map((value, i) => value * query[i]!);
          return products.reduce((a, b) => a + b, 0) / Math.sqrt(d);
        });
        const top = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - top));
        const total = shares.reduce((a, b) => a + b, 0);
        return Array.from({ length: d }, (_none, i) =>
          shares.reduce((sum, share, key) => sum + (share / total) * headOf(values, key, shared)[i]!, 0),
        );
      });
      return linear(z.flat(), `${at}.self_attn.o_proj`);
    });
    x = x.map((row, token) => row.map((value, i) => value + attended[token]![i]!));
    x = x.map((row) => {
      const inner = norm(row, `${at}.post_attention_layernorm`);
      const gate = linear(inner, `${at}.mlp.gate_proj`);
      const up = linear(inner, `${at}.mlp.up_proj`);
      const hidden = gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]!);
      const written = linear(hidden, `${at}.mlp.down_proj`);
      return row.map((value, i) => value + written[i]!);
    });
    x = afterBlock(layer, x);
    streams.push(x);
  }
  const head = weights.has("lm_head.weight") ? "lm_head" : `${prefix}embed_tokens`;
  return { streams, logits: x.map((row) => linear(norm(row, `${prefix}norm`), head)) };
}
