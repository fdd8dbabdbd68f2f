/**
 * Measures the peak memory of a training step, as a process of its own (Linux): prints JSON with `peak` and `needed` bytes.
 *
 * @file `needed`: parameters, gradients, two moments, and the activations that the backward pass reads, each once. `peak`:
 * what the process came to hold beyond what it held after a tiny run, when all code was loaded.
 */
import { readFileSync } from "node:fs";
import { input } from "../../../dist/engine/graph/ops/leaves.js";
import { meanSquaredError } from "../../../dist/engine/graph/ops/losses.js";
import { linear } from "../../../dist/engine/graph/ops/matmul.js";
import { tanh } from "../../../dist/engine/graph/ops/unary.js";
import { floatTensor } from "../../../dist/engine/tensor/tensor.js";
import { uniform, zeros } from "../../../dist/engine/train/initialise.js";
import { adamW } from "../../../dist/engine/train/optimisers.js";
import { Parameters } from "../../../dist/engine/train/parameters.js";
import { createTrainStep } from "../../../dist/engine/train/step.js";

const LAYERS = 8;

async function trainSteps(steps, width, rows) {
  const layers = Array.from({ length: LAYERS }, (_, i) => i);
  const parameters = new Parameters(
    layers.flatMap((i) => [
      { name: `w${i}`, shape: [width, width], initialise: uniform(-0.04, 0.04) },
      { name: `b${i}`, shape: [width], initialise: zeros },
    ]),
    { seed: 1 },
  );
  let x = input("x", [rows, width]);
  for (const i of layers) x = tanh(linear(x, parameters.value(`w${i}`), parameters.value(`b${i}`)));
  const loss = meanSquaredError(x, input("y", [rows, width]));
  const step = await createTrainStep({ loss, parameters, optimiser: adamW({ lr: 1e-4 }), clipNorm: 1 });
  const batch = floatTensor(new Float32Array(rows * width).fill(0.1), [rows, width]);
  for (let i = 0; i < steps; i++) await step.run({ x: batch, y: batch });
  await step.dispose();
  // tanh keeps its result, which the next layer's weight gradient reads too: one tensor per layer, and the input.
  return 4 * (4 * parameters.trainableCount + (LAYERS + 1) * rows * width);
}

function kilobytes(key) {
  return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))[1]);
}

await trainSteps(3, 32, 8);
const before = kilobytes("VmRSS");
const needed = await trainSteps(4, 1024, 1024);
process.stdout.write(JSON.stringify({ peak: (kilobytes("VmHWM") - before) * 1024, needed }));
