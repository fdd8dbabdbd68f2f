/** What the JavaScript peers share: reading a model's tensors, and the protocol of `src/cli/bench/measure.ts`. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * The tensors of a safetensors file of float32 and int32.
 * @param {string} path
 * @returns {Map<string, { shape: number[], data: Float32Array | Int32Array }>}
 */
export function readTensors(path) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, start));
  delete header.__metadata__;
  const tensors = Object.entries(header).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      const copy = new Uint8Array(bytes.subarray(start + from, start + to)).buffer;
      return [name, { shape, data: dtype === "I32" ? new Int32Array(copy) : new Float32Array(copy) }];
    },
  );
  return new Map(tensors);
}

/** Splits a model's tensors: those whose names start with `input.` are fed, the others are learned. */
export function splitInputs(tensors) {
  const inputs = {};
  const parameters = {};
  for (const [name, tensor] of tensors) {
    if (name.startsWith("input.")) inputs[name.slice("input.".length)] = tensor;
    else parameters[name] = tensor;
  }
  return { inputs, parameters };
}

/**
 * The tensor with its axes reordered: axis i of the result is axis `order[i]` of the tensor.
 * @param {{ shape: number[], data: Float32Array | Int32Array }} tensor
 * @param {number[]} order
 */
export function permuted({ shape, data }, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new data.constructor(data.length);
  const to = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const index = to.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = data[from];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < to[axis]) break;
      from -= steps[axis] * to[axis];
      index[axis] = 0;
    }
  }
  return { shape: to, data: out };
}

/**
 * Takes a step of training at once, to warm up, then one for each line on standard input, and answers each with a line:
 * milliseconds, loss before the step, peak memory. Ends with its input.
 * @param {() => Promise<number>} step
 * @param {string} [note]
 */
export async function serve(step, note) {
  const measure = async () => {
    const start = performance.now();
    const loss = await step();
    const milliseconds = performance.now() - start;
    const answer = { milliseconds, peakBytes: process.resourceUsage().maxRSS * 1024, loss, note };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  // A terminal sends Ctrl-C to this process too; who started it ends it then.
  process.on("SIGINT", () => undefined);
  await measure();
  for await (const line of createInterface({ input: process.stdin })) if (line === "run") await measure();
  process.exit();
}
