/** The models that `vitrine bench train` measures: what they start from, and their losses as graphs. */
import { add } from "../../engine/graph/ops/arithmetic.js";
import { attention } from "../../engine/graph/ops/attention.js";
import { conv2d } from "../../engine/graph/ops/conv.js";
import { crossEntropy, meanSquaredError } from "../../engine/graph/ops/losses.js";
import { linear } from "../../engine/graph/ops/matmul.js";
import { layerNorm } from "../../engine/graph/ops/normalise.js";
import { mean } from "../../engine/graph/ops/reduce.js";
import { reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import { gelu, relu } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { Random } from "../../engine/tensor/random.js";
import { type Shape, sizeOf } from "../../engine/tensor/shape.js";
import { floatTensor, intTensor, type Tensor } from "../../engine/tensor/tensor.js";

/** What a tensor is filled with: uniform numbers of a deviation around 0, one number, or classes below a bound. */
type Fill = { readonly deviation: number } | { readonly value: number } | { readonly classes: number };

export interface Start {
  readonly name: string;
  readonly shape: Shape;
  readonly fill: Fill;
}

export interface TrainModel {
  /** Fed at each step, the same each time. */
  readonly x: Start;
  readonly target: Start;
  readonly parameters: readonly Start[];
  readonly loss: (p: (name: string) => Value, x: Value, target: Value) => Value;
}

/** Fills `out`: with the same numbers on every machine and whatever is asked for first. */
export function fill({ name, fill: kind }: Start, out: Float32Array | Int32Array): void {
  const random = new Random(Buffer.from(name).reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 7));
  if ("value" in kind) {
    out.fill(kind.value);
    return;
  }
  const width = "deviation" in kind ? kind.deviation * Math.sqrt(12) : 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = "classes" in kind ? random.below(kind.classes) : (random.uniform() - 0.5) * width;
  }
}

/** A tensor of its own for `start`: int32 for classes, else float32. */
export function tensorOf(start: Start): Tensor {
  const size = sizeOf(start.shape);
  const isClasses = "classes" in start.fill;
  const tensor = isClasses
    ? intTensor(new Int32Array(size), start.shape)
    : floatTensor(new Float32Array(size), start.shape);
  fill(start, tensor.data);
  return tensor;
}

const noise = (name: string, shape: Shape): Start => ({ name, shape, fill: { deviation: 1 } });

/** Weights [out,in,…] with a deviation of `gain` / √(what is summed up), and biases of 0. */
function layer(name: string, shape: Shape, gain = 1): Start[] {
  const [out, ...rest] = shape as [number, ...number[]];
  return [
    { name: `${name}.weight`, shape, fill: { deviation: gain * sizeOf(rest) ** -0.5 } },
    { name: `${name}.bias`, shape: [out], fill: { value: 0 } },
  ];
}

const WIDTHS = [512, 2048, 2048, 2048, 512];

const mlp: TrainModel = {
  x: noise("x", [256, WIDTHS[0]!]),
  target: noise("target", [256, WIDTHS.at(-1)!]),
  parameters: WIDTHS.slice(1).flatMap((width, i) => layer(String(i), [width, WIDTHS[i]!])),
  loss(p, x, target) {
    const dense = (name: string, value: Value): Value => linear(value, p(`${name}.weight`), p(`${name}.bias`));
    return meanSquaredError(dense("3", relu(dense("2", relu(dense("1", relu(dense("0", x))))))), target);
  },
};

const [BATCH, TOKENS, WIDTH, HEADS, BLOCKS] = [64, 65, 256, 4, 6];
const BLOCK_NAMES = Array.from({ length: BLOCKS }, (_, i) => `blocks.${i}`);

const transformer: TrainModel = {
  x: noise("x", [BATCH, TOKENS, WIDTH]),
  target: noise("target", [BATCH, TOKENS, WIDTH]),
  parameters: BLOCK_NAMES.flatMap((block) => [
    ...["norm1", "norm2"].flatMap((name) => [
      { name: `${block}.${name}.weight`, shape: [WIDTH], fill: { value: 1 } },
      { name: `${block}.${name}.bias`, shape: [WIDTH], fill: { value: 0 } },
    ]),
    ...layer(`${block}.attn.qkv`, [3 * WIDTH, WIDTH]),
    ...layer(`${block}.attn.out`, [WIDTH, WIDTH]),
    ...layer(`${block}.mlp.0`, [4 * WIDTH, WIDTH]),
    ...layer(`${block}.mlp.1`, [WIDTH, 4 * WIDTH]),
  ]),
  loss(p, x, target) {
    const dense = (name: string, value: Value): Value => linear(value, p(`${name}.weight`), p(`${name}.bias`));
    const norm = (name: string, value: Value): Value => layerNorm(value, p(`${name}.weight`), p(`${name}.bias`), 1e-5);
    let y = x;
    for (const block of BLOCK_NAMES) {
      y = add(y, dense(`${block}.attn.out`, attend(dense(`${block}.attn.qkv`, norm(`${block}.norm1`, y)))));
      y = add(y, dense(`${block}.mlp.1`, gelu(dense(`${block}.mlp.0`, norm(`${block}.norm2`, y)))));
    }
    return meanSquaredError(y, target);
  },
};

/** Attention of each head, from queries, keys and values [B,N,3 D] to [B,N,D]. */
function attend(qkv: Value): Value {
  const part = (i: number): Value => {
    const own = slice(qkv, 2, i * WIDTH, (i + 1) * WIDTH);
    return transpose(reshape(own, [BATCH, TOKENS, HEADS, WIDTH / HEADS]), [0, 2, 1, 3]);
  };
  return reshape(transpose(attention(part(0), part(1), part(2)), [0, 2, 1, 3]), [BATCH, TOKENS, WIDTH]);
}

const CHANNELS = [3, 64, 64, 64, 64];
const [CLASSES, SIDE] = [10, 32];

const conv: TrainModel = {
  x: noise("x", [16, CHANNELS[0]!, SIDE, SIDE]),
  target: { name: "target", shape: [16], fill: { classes: CLASSES } },
  parameters: [
    ...CHANNELS.slice(1).flatMap((depth, i) => layer(`convs.${i}`, [depth, CHANNELS[i]!, 3, 3], Math.SQRT2)),
    ...layer("head", [CLASSES, CHANNELS.at(-1)!]),
  ],
  loss(p, x, target) {
    let y = x;
    for (let i = 0; i < CHANNELS.length - 1; i++) {
      y = relu(conv2d(y, p(`convs.${i}.weight`), { padding: 1, bias: p(`convs.${i}.bias`) }));
    }
    return crossEntropy(linear(mean(y, [2, 3]), p("head.weight"), p("head.bias")), target);
  },
};

/** Those of `vitrine bench train`. */
export const TRAIN_MODELS = { mlp, transformer, conv };
export type TrainModelName = keyof typeof TRAIN_MODELS;
