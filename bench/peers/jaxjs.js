/**
 * jax-js' side of `vitrine bench train`, on its WASM device: the whole step is one jitted function.
 *
 * @file Arguments: model, safetensors file. In jax-js a function owns its arguments: `.ref` where a value is used again.
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { permuted, readTensors, serve, splitInputs } from "./common.js";

const BLOCKS = 6;
const HEADS = 4;

const [, , model, path] = process.argv;
globalThis.navigator ??= {};
await init("wasm");
defaultDevice("wasm");

/** Over all leading axes at once: its kernels tile the rows of a matrix best. */
function linear(p, name, x) {
  const leading = x.shape.slice(0, -1);
  const flat = x.reshape([-1, x.shape.at(-1)]);
  const y = np.dot(flat, p[`${name}.weight`].ref).add(p[`${name}.bias`].ref);
  return y.reshape([...leading, y.shape[1]]);
}

function norm(p, name, x) {
  return nn.standardize(x, -1, { epsilon: 1e-5 }).mul(p[`${name}.weight`].ref).add(p[`${name}.bias`].ref);
}

function attention(p, name, x) {
  const [batch, tokens, width] = x.shape;
  const size = width / HEADS;
  const qkv = np.transpose(linear(p, `${name}.qkv`, x).reshape([batch, tokens, 3, HEADS, size]), [2, 0, 3, 1, 4]);
  const [q, k, v] = np.split(qkv, 3, 0).map((part) => part.reshape([batch, HEADS, tokens, size]));
  const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(size));
  const z = np.matmul(nn.softmax(scores, -1), v);
  return linear(p, `${name}.out`, np.transpose(z, [0, 2, 1, 3]).reshape([batch, tokens, width]));
}

/** The 3×3 surroundings of each pixel: x [B,H,W,C] → [B,H,W,9 C]. */
function patches(x) {
  const [batch, height, width, depth] = x.shape;
  const padded = np.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]); // prettier-ignore
  const shifted = (dy, dx) => padded.ref.slice([], [dy, dy + height], [dx, dx + width], []);
  const parts = Array.from({ length: 9 }, (_, i) => shifted(Math.floor(i / 3), i % 3));
  padded.dispose();
  return np.concatenate(parts, 3).reshape([batch, height, width, 9 * depth]);
}

const squaredError = (y, target) => np.mean(np.square(y.sub(target)));

const losses = {
  mlp(p, x, target) {
    let y = x;
    for (let layer = 0; layer < 3; layer++) y = nn.relu(linear(p, String(layer), y));
    return squaredError(linear(p, "3", y), target);
  },
  transformer(p, x, target) {
    let y = x;
    for (let block = 0; block < BLOCKS; block++) {
      const name = `blocks.${block}`;
      y = y.ref.add(attention(p, `${name}.attn`, norm(p, `${name}.norm1`, y)));
      const hidden = nn.gelu(linear(p, `${name}.mlp.0`, norm(p, `${name}.norm2`, y.ref)), { approximate: false });
      y = y.add(linear(p, `${name}.mlp.1`, hidden));
    }
    return squaredError(y, target);
  },
  conv(p, x, target) {
    let y = x;
    for (let layer = 0; layer < 4; layer++) {
      y = nn.relu(linear(p, `convs.${layer}`, patches(y)));
    }
    const logits = linear(p, "head", np.mean(y, [1, 2]));
    return np.mean(nn.logSoftmax(logits, -1).mul(nn.oneHot(target, 10)).sum(-1)).mul(-1);
  },
};

const lossAndGradients = valueAndGrad((p, x, target) => {
  const loss = losses[model](p, x, target);
  tree.dispose(p);
  return loss;
});

/** One step with Adam; `rates` are what bias correction makes of the learning rate and of the second moment's scale. */
const trainStep = jit((p, m, v, x, target, rate, scale) => {
  const [loss, g] = lossAndGradients(tree.ref(p), x, target);
  const [p2, m2, v2] = [{}, {}, {}];
  for (const name of Object.keys(p)) {
    const mean = m[name].mul(0.9).add(g[name].ref.mul(0.1));
    const square = v[name].mul(0.999).add(np.square(g[name]).mul(0.001));
    const step = mean.ref.mul(rate.ref).div(np.sqrt(square.ref.mul(scale.ref)).add(1e-8));
    [p2[name], m2[name], v2[name]] = [p[name].sub(step), mean, square];
  }
  rate.dispose();
  scale.dispose();
  return [p2, m2, v2, loss];
});

const asArray = ({ shape, data }) => np.array(data).reshape(shape);
const { inputs, parameters } = splitInputs(readTensors(path));
const x = asArray(inputs.x.shape.length === 4 ? permuted(inputs.x, [0, 2, 3, 1]) : inputs.x);
const target = asArray(inputs.target);
// Matrices as [in,out], kernels as [9 in,out].
function native({ shape, data }) {
  const tensor = shape.length === 4 ? permuted({ shape, data }, [0, 2, 3, 1]) : { shape, data };
  if (shape.length === 1) return asArray(tensor);
  return asArray(permuted({ shape: [shape[0], data.length / shape[0]], data: tensor.data }, [1, 0]));
}
let p = Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, native(tensor)]));
let m = tree.map((a) => np.zeros(a.shape), p);
let v = tree.map((a) => np.zeros(a.shape), p);
let steps = 0;

await serve(async () => {
  steps++;
  const rate = np.array(1e-3 / (1 - 0.9 ** steps));
  const scale = np.array(1 / (1 - 0.999 ** steps));
  let loss;
  [p, m, v, loss] = trainStep(p, m, v, x.ref, target.ref, rate, scale);
  [p, m, v] = await blockUntilReady([p, m, v]);
  return (await loss.data())[0];
});
