/**
 * CLIP's towers and their decompositions once more, written down naively in float64: nested loops over the published
 * formulas, nothing shared with the library. Weights come by OpenCLIP's names.
 */

import type { Activation } from "../../src/models/clip/transformer.js";
import { erf } from "./erf.js";

export interface NaiveWeights {
  get(name: string): { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  has(name: string): boolean;
}

export interface NaiveConfig {
  readonly heads: number;
  readonly activation: Activation;
  readonly epsilon?: number;
}

export interface NaiveResult {
  readonly features: number[];
  /** [L][H][d_out] */
  readonly heads: number[][][];
  /** [L][N][d_out] */
  readonly tokens: number[][][];
  /** [L+1][d_out] */
  readonly mlps: number[][];
}

export interface NaiveClip extends NaiveResult {
  /** [L+1][N][D]: what the first block gets, then what each leaves. */
  readonly streams: Matrix[];
}

export type Matrix = number[][];

/** One picture: pixels [3][S][S] row-major. */
export function naiveDecomposition(
  pixels: ArrayLike<number>,
  size: number,
  weights: NaiveWeights,
  config: NaiveConfig,
): NaiveClip {
  const vector = (name: string): number[] => Array.from(weights.get(`visual.${name}`).data);
  const start = embed(pixels, size, weights).map((row) =>
    layerNorm(row, vector("ln_pre.weight"), vector("ln_pre.bias"), config.epsilon ?? 1e-5),
  );
  return decomposed(start, weights, { ...config, prefix: "visual.", norm: "ln_post", projection: "proj", read: 0 });
}

/** One text: its ids up to the end token, which is read. What follows it is seen by no token before. */
export function naiveTextDecomposition(ids: ArrayLike<number>, weights: NaiveWeights, config: NaiveConfig): NaiveClip {
  const [words, places] = [rowsOf(weights.get("token_embedding.weight")), rowsOf(weights.get("positional_embedding"))];
  const start = Array.from(ids, (id, i) => words[id]!.map((v, k) => v + places[i]![k]!));
  const read = start.length - 1;
  return decomposed(start, weights, { ...config, prefix: "", norm: "ln_final", projection: "text_projection", read });
}

interface NaiveTower extends NaiveConfig {
  readonly prefix: "visual." | "";
  readonly norm: string;
  readonly projection: string;
  /** The token that features are read from. In a text, tokens see those up to themselves. */
  readonly read: number;
}

function decomposed(start: Matrix, weights: NaiveWeights, tower: NaiveTower): NaiveClip {
  const { prefix, heads, activation, read, epsilon = 1e-5 } = tower;
  const vector = (name: string): number[] => Array.from(weights.get(prefix + name).data);
  const matrix = (name: string): Matrix => rowsOf(weights.get(prefix + name));
  const norm = (x: Matrix, name: string): Matrix =>
    x.map((row) => layerNorm(row, vector(`${name}.weight`), vector(`${name}.bias`), epsilon));

  let x = start;
  const tokens = x.length;
  const layers = countLayers(weights, prefix);
  const headWrites: number[][][][] = []; // [L][H][N][D], without output bias
  const biases: number[][] = [];
  const mlpWrites: number[][] = [start[read]!];
  const streams = [start];

  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): string => `transformer.resblocks.${layer}.${name}`;
    const scale = (name: string): number[] | undefined =>
      weights.has(`${prefix}${at(name)}.gamma`) ? vector(`${at(name)}.gamma`) : undefined;
    const qkv = linear(norm(x, at("ln_1")), matrix(at("attn.in_proj_weight")), vector(at("attn.in_proj_bias")));
    const width = x[0]!.length;
    const d = width / heads;
    const outWeight = matrix(at("attn.out_proj.weight"));
    const scale1 = scale("ls_1");
    const scale2 = scale("ls_2");
    const bias = vector(at("attn.out_proj.bias")).map((b, i) => b * (scale1?.[i] ?? 1));
    biases.push(bias);
    const attended = x.map(() => [...bias]);
    headWrites.push([]);
    for (let head = 0; head < heads; head++) {
      const part = (token: number, which: number): number[] =>
        qkv[token]!.slice(which * width + head * d, which * width + (head + 1) * d);
      const writes: number[][] = [];
      for (let query = 0; query < tokens; query++) {
        const scores = x.map((_, key) =>
          prefix === "" && key > query ? -Infinity : dot(part(query, 0), part(key, 1)) / Math.sqrt(d),
        );
        const pattern = softmax(scores);
        pattern.forEach((weight, key) => {
          const value = part(key, 2);
          const write = outWeight.map(
            (row, i) => weight * dot(row.slice(head * d, (head + 1) * d), value) * (scale1?.[i] ?? 1),
          );
          write.forEach((w, i) => (attended[query]![i]! += w));
          if (query === read) writes.push(write);
        });
      }
      headWrites[layer]!.push(writes);
    }
    x = x.map((row, token) => row.map((value, i) => value + attended[token]![i]!));
    const hidden = linear(norm(x, at("ln_2")), matrix(at("mlp.c_fc.weight")), vector(at("mlp.c_fc.bias"))).map((row) =>
      row.map(activation === "gelu" ? gelu : (v) => v / (1 + Math.exp(-1.702 * v))),
    );
    const written = linear(hidden, matrix(at("mlp.c_proj.weight")), vector(at("mlp.c_proj.bias"))).map((row) =>
      row.map((value, i) => value * (scale2?.[i] ?? 1)),
    );
    mlpWrites.push(written[read]!);
    x = x.map((row, token) => row.map((value, i) => value + written[token]![i]!));
    streams.push(x);
  }

  const end = x[read]!;
  const gamma = vector(`${tower.norm}.weight`);
  const beta = vector(`${tower.norm}.bias`);
  const projection = matrix(tower.projection);
  const project = (row: number[]): number[] =>
    projection[0]!.map((_, j) => row.reduce((sum, v, i) => sum + v * projection[i]![j]!, 0));
  const features = project(layerNorm(end, gamma, beta, epsilon));
  const mean = end.reduce((a, b) => a + b, 0) / end.length;
  const deviation = Math.sqrt(end.reduce((sum, v) => sum + (v - mean) ** 2, 0) / end.length + epsilon);
  const length = Math.hypot(...features);
  const terms = 2 * layers + 1;
  const contribute = (term: number[], share: number): number[] =>
    project(term.map((v, i) => (gamma[i]! * (v - mean * share)) / deviation + beta[i]! * share)).map((v) => v / length);
  const cell = (layer: number, head: number, token: number): number[] =>
    contribute(
      headWrites[layer]![head]![token]!.map((v, i) => v + biases[layer]![i]! / (tokens * heads)),
      1 / (terms * tokens * heads),
    );
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  return {
    features,
    heads: range(layers).map((l) => range(heads).map((h) => addAll(range(tokens).map((i) => cell(l, h, i))))),
    tokens: range(layers).map((l) => range(tokens).map((i) => addAll(range(heads).map((h) => cell(l, h, i))))),
    mlps: mlpWrites.map((term) => contribute(term, 1 / terms)),
    streams,
  };
}

function embed(pixels: ArrayLike<number>, size: number, weights: NaiveWeights): Matrix {
  const kernel = weights.get("visual.conv1.weight");
  const [width, , patch] = kernel.shape as [number, number, number];
  const grid = Math.floor(size / patch);
  const rows: Matrix = [Array.from(weights.get("visual.class_embedding").data)];
  for (let cell = 0; cell < grid * grid; cell++) {
    const top = Math.floor(cell / grid) * patch;
    const left = (cell % grid) * patch;
    rows.push(
      Array.from({ length: width }, (_, out) => {
        let sum = 0;
        for (let c = 0; c < 3; c++) {
          for (let y = 0; y < patch; y++) {
            for (let x = 0; x < patch; x++) {
              sum +=
                kernel.data[((out * 3 + c) * patch + y) * patch + x]! * pixels[(c * size + top + y) * size + left + x]!;
            }
          }
        }
        return sum;
      }),
    );
  }
  const positions = rowsOf(weights.get("visual.positional_embedding"));
  return rows.map((row, token) => row.map((v, i) => v + positions[token]![i]!));
}

function countLayers(weights: NaiveWeights, prefix: string): number {
  let layers = 0;
  while (weights.has(`${prefix}transformer.resblocks.${layers}.ln_1.weight`)) layers++;
  return layers;
}

export function rowsOf({
  shape,
  data,
}: {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}): Matrix {
  const [rows, columns] = shape as [number, number];
  const all = Array.from(data);
  return Array.from({ length: rows }, (_, i) => all.slice(i * columns, (i + 1) * columns));
}

export function linear(x: Matrix, weight: Matrix, bias: number[]): Matrix {
  return x.map((row) => weight.map((w, i) => dot(row, w) + bias[i]!));
}

export function layerNorm(row: number[], gamma: number[], beta: number[], epsilon: number): number[] {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
  return row.map((v, i) => (gamma[i]! * (v - mean)) / Math.sqrt(variance + epsilon) + beta[i]!);
}

export function softmax(scores: number[]): number[] {
  const largest = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
}

export const dot = (a: number[], b: number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
export const addAll = (rows: Matrix): number[] => rows.reduce((sum, row) => sum.map((v, i) => v + row[i]!));

export const gelu = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));
