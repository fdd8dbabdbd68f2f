import { mul } from "../graph/ops/arithmetic.js";
import { input } from "../graph/ops/leaves.js";
import { compile } from "../runtime/compile.js";
import { floatTensor } from "../tensor/tensor.js";
import type { TrainStepOptions } from "./step-options.js";
import { ruleGraph, store } from "./rule-graph.js";
import { gradientName } from "./update.js";

/** Updates in place the parameters that are matrices: a program of their own, after the one that gave the gradients. */
export interface MatrixUpdate {
  update(count: number, gradientScale: number): Promise<void>;
  dispose(): Promise<void>;
}

const SCALE = "gradientScale";

/** Undefined where the optimiser treats no parameter as matrices. */
export async function matrixUpdate({
  parameters,
  optimiser,
  ema,
}: TrainStepOptions): Promise<MatrixUpdate | undefined> {
  const slots = parameters.arena.slots.filter(({ name }) => optimiser.settingsOf(name).matrices > 0);
  if (slots.length === 0) return undefined;
  const scale = input(SCALE, []);
  const shapes = new Map(slots.map(({ name, shape }) => [name, shape]));
  const rules = ruleGraph({
    slots,
    parameters,
    optimiser,
    gradient: (name) => mul(input(gradientName(name), shapes.get(name)!), scale),
    ema,
  });
  const gradients = Object.fromEntries(
    slots.map(({ name }) => [gradientName(name), parameters.trackOf(name, "gradient")]),
  );
  const program = await compile(rules.outputs);
  return {
    async update(count, gradientScale) {
      const own = { [SCALE]: floatTensor(Float32Array.of(gradientScale), []) };
      const inputs = { ...parameters.inputs(), ...rules.state, ...rules.scalars(count), ...gradients, ...own };
      store(await program.run(inputs), rules.state);
    },
    dispose: () => program.dispose(),
  };
}
