/**
 * TensorFlow.js' side of `vitrine bench train`, on its WASM backend.
 *
 * @file Arguments: model, safetensors file. Some gradients are written out, to its advantage. The backend has no kernel for the
 * gradient of a convolution's weights. Its matrix product is fast (XNNPACK) only where no operand is to be transposed, which
 * the gradients of `tf.matMul` ask for. And with the gradients of its small ops, the transformer needs more than the 4 GB
 * that WASM can address.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { letThreadsStart } from "./tfjs-threads.js";
import { permuted, readTensors, serve, splitInputs } from "./common.js";

const BLOCKS = 6;
const HEADS = 4;

const [, , model, path] = process.argv;
const threads = 2;
letThreadsStart();
setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
setThreadsCount(threads);
tf.env().set("WASM_HAS_SIMD_SUPPORT", true);
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
await tf.setBackend("wasm");

const swap = (x) => tf.transpose(x, [1, 0]);

/** A function and its gradient, from which only what is saved and what is returned stays in memory. */
const differentiable = (forward, backward) =>
  tf.customGrad((...args) => {
    const save = args.pop();
    return {
      value: tf.tidy(() => forward(save, ...args)),
      gradFunc: (dy, saved) => tf.tidy(() => backward(dy, saved)),
    };
  });

/** x [n,in] times w [in,out], plus b. */
const product = differentiable(
  (save, x, w, b) => {
    save([x, w]);
    return tf.fused.matMul({ a: x, b: w, bias: b });
  },
  (dy, [x, w]) => [tf.matMul(dy, swap(w)), tf.matMul(swap(x), dy), tf.sum(dy, 0)],
);

/** 3×3, padding 1; x [B,H,W,in], w [3,3,in,out]. */
const conv3x3 = differentiable(
  (save, x, w, b) => {
    save([x, w]);
    return tf.fused.conv2d({ x, filter: w, strides: 1, pad: "same", bias: b });
  },
  (dy, [x, w]) => [inputGradient(dy, w), weightGradient(x, dy, w.shape), tf.sum(dy, [0, 1, 2])],
);

function inputGradient(dy, w) {
  return tf.conv2d(dy, tf.transpose(tf.reverse(w, [0, 1]), [0, 1, 3, 2]), 1, "same");
}

/** A matrix product for each place of the kernel. */
function weightGradient(x, dy, shape) {
  const [batch, height, width, depth] = x.shape;
  const padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]); // prettier-ignore
  const flat = tf.reshape(dy, [-1, shape[3]]);
  const parts = [];
  for (let i = 0; i < 9; i++) {
    const shifted = tf.slice(padded, [0, Math.floor(i / 3), i % 3, 0], [batch, height, width, depth]);
    parts.push(tf.matMul(swap(tf.reshape(shifted, [-1, depth])), flat));
  }
  return tf.reshape(tf.stack(parts), shape);
}

function linear(p, name, x) {
  const flat = x.rank === 2 ? x : tf.reshape(x, [-1, x.shape.at(-1)]);
  const y = product(flat, p[`${name}.weight`], p[`${name}.bias`]);
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), y.shape[1]]);
}

const layerNorm = differentiable(
  (save, x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const scale = tf.rsqrt(tf.add(variance, 1e-5));
    const normal = tf.mul(tf.sub(x, mean), scale);
    save([normal, scale, gamma]);
    return tf.add(tf.mul(normal, gamma), beta);
  },
  (dy, [normal, scale, gamma]) => {
    const dyGamma = tf.mul(dy, gamma);
    const along = tf.mul(normal, tf.mean(tf.mul(dyGamma, normal), -1, true));
    const dx = tf.mul(scale, tf.sub(tf.sub(dyGamma, tf.mean(dyGamma, -1, true)), along));
    return [dx, tf.sum(tf.mul(dy, normal), [0, 1]), tf.sum(dy, [0, 1])];
  },
);

const norm = (p, name, x) => layerNorm(x, p[`${name}.weight`], p[`${name}.bias`]);

const cdf = (x) => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
const density = (x) => tf.mul(tf.exp(tf.mul(-0.5, tf.square(x))), 1 / Math.sqrt(2 * Math.PI));

/** x·Φ(x), exact. */
const gelu = differentiable(
  (save, x) => {
    save([x]);
    return tf.mul(x, cdf(x));
  },
  (dy, [x]) => [tf.mul(dy, tf.add(cdf(x), tf.mul(x, density(x))))],
);

function attention(p, name, x) {
  const [batch, tokens, width] = x.shape;
  const size = width / HEADS;
  const heads = (part) =>
    tf.transpose(tf.reshape(linear(p, `${name}.${part}`, x), [batch, tokens, HEADS, size]), [0, 2, 1, 3]);
  const [q, k, v] = ["q", "k", "v"].map(heads);
  const pattern = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size)));
  const z = tf.reshape(tf.transpose(tf.matMul(pattern, v), [0, 2, 1, 3]), [batch, tokens, width]);
  return linear(p, `${name}.out`, z);
}

const squaredError = (y, target) => tf.mean(tf.square(tf.sub(y, target)));

const losses = {
  mlp(p, { x, target }) {
    let y = x;
    for (let layer = 0; layer < 3; layer++) y = tf.relu(linear(p, String(layer), y));
    return squaredError(linear(p, "3", y), target);
  },
  transformer(p, { x, target }) {
    let y = x;
    for (let block = 0; block < BLOCKS; block++) {
      const name = `blocks.${block}`;
      y = tf.tidy(() => tf.add(y, attention(p, `${name}.attn`, norm(p, `${name}.norm1`, y))));
      const hidden = () => gelu(linear(p, `${name}.mlp.0`, norm(p, `${name}.norm2`, y)));
      y = tf.tidy(() => tf.add(y, linear(p, `${name}.mlp.1`, hidden())));
    }
    return squaredError(y, target);
  },
  conv(p, { x, target }) {
    let y = x;
    for (let layer = 0; layer < 4; layer++) {
      y = tf.relu(conv3x3(y, p[`convs.${layer}.weight`], p[`convs.${layer}.bias`]));
    }
    const logits = linear(p, "head", tf.mean(y, [1, 2]));
    return tf.losses.softmaxCrossEntropy(tf.oneHot(target, 10), logits);
  },
};

/** In the layout that TensorFlow.js computes with: weights [in,out] and [h,w,in,out], pictures [B,H,W,C]. */
function native(name, tensor) {
  if (name === "x" || name === "target") return tensor.shape.length === 4 ? permuted(tensor, [0, 2, 3, 1]) : tensor;
  if (tensor.shape.length === 4) return permuted(tensor, [2, 3, 1, 0]);
  return tensor.shape.length === 2 ? permuted(tensor, [1, 0]) : tensor;
}

/** Queries, keys and values as parameters of their own: slices of one product would cost it copies. */
function unpacked(parameters) {
  const entries = Object.entries(parameters).flatMap(([name, { shape, data }]) => {
    if (!name.includes(".qkv.")) return [[name, { shape, data }]];
    const length = data.length / 3;
    return ["q", "k", "v"].map((part, i) => [
      name.replace("qkv", part),
      { shape: [shape[0] / 3, ...shape.slice(1)], data: data.slice(i * length, (i + 1) * length) },
    ]);
  });
  return Object.fromEntries(entries);
}

const { inputs, parameters } = splitInputs(readTensors(path));
const asTensor = ([name, tensor]) => {
  const { shape, data } = native(name, tensor);
  return [name, tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32")];
};
const feeds = Object.fromEntries(Object.entries(inputs).map(asTensor));
const variables = Object.fromEntries(
  Object.entries(unpacked(parameters)).map(asTensor).map(([name, tensor]) => [name, tf.variable(tensor)]), // prettier-ignore
);
const adam = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);

await serve(async () => {
  const loss = adam.minimize(() => losses[model](variables, feeds), true);
  const [value] = await loss.data();
  loss.dispose();
  return value;
}, `${tf.getBackend()} threads=${threads}`);
