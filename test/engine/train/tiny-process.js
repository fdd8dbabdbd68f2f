/**
 * A training run as a process of its own, for tests that kill it: `node tiny-process.js FOLDER STEPS [stuck]`.
 *
 * @file Uses the build, as users do. Prints the number of updates done, from 0 on, line by line, and the result as JSON
 * at the end. With `stuck`, the batch of step 3 never comes.
 */
import { input } from "../../../dist/engine/graph/ops/leaves.js";
import { meanSquaredError } from "../../../dist/engine/graph/ops/losses.js";
import { linear } from "../../../dist/engine/graph/ops/matmul.js";
import { tanh } from "../../../dist/engine/graph/ops/unary.js";
import { floatTensor } from "../../../dist/engine/tensor/tensor.js";
import { normal, zeros } from "../../../dist/engine/train/initialise.js";
import { onInterrupt } from "../../../dist/engine/train/interrupt.js";
import { train } from "../../../dist/engine/train/loop.js";
import { adamW } from "../../../dist/engine/train/optimisers.js";
import { Parameters } from "../../../dist/engine/train/parameters.js";
import { warmupCosine } from "../../../dist/engine/train/schedules.js";
import { dataOrder, seeded } from "../../../dist/engine/train/seeds.js";
import { createTrainStep } from "../../../dist/engine/train/step.js";

const [folder, steps, mode] = process.argv.slice(2);
const [ROWS, WIDTH, HIDDEN] = [8, 16, 1000];

const parameters = new Parameters(
  [
    { name: "a", shape: [HIDDEN, WIDTH], initialise: normal(0.2) },
    { name: "b", shape: [HIDDEN], initialise: zeros },
    { name: "c", shape: [WIDTH, HIDDEN], initialise: normal(0.02) },
  ],
  { seed: 1 },
);
const x = input("x", [ROWS, WIDTH]);
const hidden = tanh(linear(x, parameters.value("a"), parameters.value("b")));
const loss = meanSquaredError(linear(hidden, parameters.value("c")), input("y", [ROWS, WIDTH]));

const examples = Array.from({ length: 50 }, (_, i) => seeded(2, "example", i).centred(WIDTH, 1));
const order = dataOrder({ count: examples.length, batchSize: ROWS, seed: 3 });

function batch(step) {
  // The timer keeps the process alive while it waits.
  if (mode === "stuck" && step === 3) return new Promise((resolve) => setTimeout(resolve, 1e9));
  const noise = seeded(4, "noise", step).centred(ROWS * WIDTH, 0.1);
  const y = Float32Array.from([...order(step)].flatMap((i) => [...examples[i]]));
  return {
    x: floatTensor(
      noise.map((n, i) => y[i] + n),
      [ROWS, WIDTH],
    ),
    y: floatTensor(y, [ROWS, WIDTH]),
  };
}

const interrupt = onInterrupt();
const optimiser = adamW({ lr: warmupCosine(3e-3, 20, 200), decay: 0.1 });
const step = await createTrainStep({ loss, parameters, optimiser, clipNorm: 0.5, ema: 0.99 });
process.stdout.write("0\n");
const result = await train({
  folder,
  recipe: { name: "tiny process" },
  steps: Number(steps),
  step,
  batch,
  logEvery: 1,
  checkpointEvery: { steps: 5 },
  signal: interrupt.signal,
  onProgress: (progress) => process.stdout.write(`${progress.step}\n`),
});
interrupt[Symbol.dispose]();
await step.dispose();
process.stdout.write(`${JSON.stringify(result)}\n`);
