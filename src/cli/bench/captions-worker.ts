/**
 * One thing to measure of a vision-language model, in a process of its own.
 *
 * @file Started by `measure.ts`. Arguments: what, checkpoint folder, and for `decode` how many runs there are; for `bandwidth`, how many
 * megabytes are read.
 */
import { input } from "../../engine/graph/ops/leaves.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { compile } from "../../engine/runtime/compile.js";
import { Random } from "../../engine/tensor/random.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import { imageLens } from "../../methods/captions/lens.js";
import { loadVlm } from "../../models/vlm/load.js";
import { DECODED, IMAGE_TOKENS, WANTED_WORDS } from "./captions-sizes.js";
import { serve } from "./serve.js";

const [, , what, argument, runs] = process.argv as [string, string, string, string, string?];
const run = await prepare();
await serve(async () => {
  await run();
  return undefined;
});

async function prepare(): Promise<() => Promise<unknown>> {
  if (what === "bandwidth") return prepareBandwidth(Number(argument));
  const model = await loadVlm(argument);
  const width = model.parts.tower.parts.vision.width;
  const seen = floatTensor(new Random(1).centred(IMAGE_TOKENS * width, 1), [1, IMAGE_TOKENS, width]);
  const prompt = model.prompt(seen);
  const places = prompt.length + DECODED;
  if (what === "prefill") return () => model.language.start(prompt, { places });
  if (what === "lens") {
    const words = Array.from({ length: WANTED_WORDS }, (_, i) => i);
    return () => imageLens(model, prompt, words);
  }
  const { cache } = await model.language.start(prompt, { places: prompt.length + Number(runs) * DECODED });
  return async () => {
    for (let i = 0; i < DECODED; i++) await model.language.step([i], cache);
  };
}

/** Reads so many megabytes once, as fast as the runtime can: a sum. */
async function prepareBandwidth(megabytes: number): Promise<() => Promise<unknown>> {
  const shape = [megabytes, 250_000];
  const x = floatTensor(new Float32Array(megabytes * 250_000).fill(1), shape);
  const program = await compile({ total: sum(input("x", shape), [1]) });
  return () => program.run({ x });
}
