/** A small classifier of the world that a generator was trained on: what samples are judged by. */
import { add } from "../../engine/graph/ops/arithmetic.js";
import { conv2d } from "../../engine/graph/ops/conv.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { crossEntropy } from "../../engine/graph/ops/losses.js";
import { linear } from "../../engine/graph/ops/matmul.js";
import { softmax } from "../../engine/graph/ops/normalise.js";
import { reshape } from "../../engine/graph/ops/shaping.js";
import { relu } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { compile, type Program } from "../../engine/runtime/compile.js";
import { type Shape, sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor, intTensor } from "../../engine/tensor/tensor.js";
import { normal, zeros } from "../../engine/train/initialise.js";
import { adam } from "../../engine/train/optimisers.js";
import { type ParameterDeclaration, Parameters } from "../../engine/train/parameters.js";
import { warmupCosine } from "../../engine/train/schedules.js";
import { createTrainStep } from "../../engine/train/step.js";
import { mostLikely } from "./measures.js";

/** Pictures with what is true of them. */
export interface LabelledRows {
  /** [count,C,S,S] */
  readonly pixels: FloatTensor;
  /** For each question, each picture's answer. */
  readonly labels: readonly Int32Array[];
}

/** A world as far as judging needs it. Rows of another `seed` are other pictures. */
export interface JudgedWorld {
  readonly shape: readonly [channels: number, height: number, width: number];
  /** The number of answers to each question. */
  readonly questions: readonly number[];
  readonly rows: (seed: number, first: number, count: number) => LabelledRows;
}

export interface Judgement {
  /** [count, {@link FEATURES}] */
  readonly features: FloatTensor;
  /** For each question, probabilities [count, answers]. */
  readonly answers: readonly FloatTensor[];
}

export const FEATURES = 64;
const CHANNELS = [16, 32, 64];
const STEPS = 1500;
const BATCH = 64;
const RATE = 2e-3;
/** Seeds from here on are of pictures that figures are measured on; generators are trained on those of seeds before. */
export const HELD_OUT_SEEDS = 80_000;
/** Seeds from here on are of pictures that classifiers learn from. */
export const JUDGE_SEEDS = 90_000;
/** Pictures a run when judging. */
const JUDGED = 128;

/** Owns its program: dispose of it (or declare it with `await using`). */
export class Judge implements AsyncDisposable {
  readonly #world: JudgedWorld;
  readonly #parameters: Parameters;
  readonly #program: Program;

  constructor(world: JudgedWorld, parameters: Parameters, program: Program) {
    this.#world = world;
    this.#parameters = parameters;
    this.#program = program;
  }

  async judge(pixels: FloatTensor): Promise<Judgement> {
    const { shape, questions } = this.#world;
    const [count, size] = [pixels.shape[0]!, sizeOf(shape)];
    const features = new Float32Array(count * FEATURES);
    const answers = questions.map((n) => new Float32Array(count * n));
    for (let start = 0; start < count; start += JUDGED) {
      const rows = Math.min(JUDGED, count - start);
      const batch = new Float32Array(JUDGED * size);
      batch.set(pixels.data.subarray(start * size, (start + rows) * size));
      const inputs = { ...this.#parameters.inputs(), pixels: floatTensor(batch, [JUDGED, ...shape]) };
      const found = (await this.#program.run(inputs)) as Record<string, FloatTensor>;
      features.set(found["features"]!.data.subarray(0, rows * FEATURES), start * FEATURES);
      for (const [q, n] of questions.entries())
        answers[q]!.set(found[`answer ${q}`]!.data.subarray(0, rows * n), start * n);
    }
    return {
      features: floatTensor(features, [count, FEATURES]),
      answers: answers.map((data, q) => floatTensor(data, [count, questions[q]!])),
    };
  }

  /** The share of right answers to each question. */
  async accuracy({ pixels, labels }: LabelledRows): Promise<number[]> {
    const { answers } = await this.judge(pixels);
    return answers.map(({ data, shape }, q) => {
      const [count, classes] = shape as [number, number];
      const isRight = (i: number): boolean =>
        mostLikely(data.subarray(i * classes, (i + 1) * classes)) === labels[q]![i];
      return Array.from({ length: count }, (_, i) => isRight(i)).filter(Boolean).length / count;
    });
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** Trains a classifier: some 20 seconds. The same seed gives the same one. */
export async function trainJudge(world: JudgedWorld, { seed = 0, steps = STEPS } = {}): Promise<Judge> {
  const parameters = new Parameters(declarations(world), { seed });
  const { logits } = classifier(input("pixels", [BATCH, ...world.shape]), parameters, world);
  const losses = logits.map((each, q) => crossEntropy(each, input(`labels ${q}`, [BATCH], "int32")));
  await using step = await createTrainStep({
    loss: losses.reduce((total, loss) => add(total, loss)),
    parameters,
    optimiser: adam({ lr: warmupCosine(RATE, Math.min(50, steps - 1), steps) }),
  });
  for (let n = 0; n < steps; n++) {
    const { pixels, labels } = world.rows(JUDGE_SEEDS + seed, n * BATCH, BATCH);
    await step.run({
      pixels,
      ...Object.fromEntries(labels.map((each, q) => [`labels ${q}`, intTensor(each, [BATCH])])),
    });
  }
  const judged = classifier(input("pixels", [JUDGED, ...world.shape]), parameters, world);
  const outputs: Record<string, Value> = { features: judged.features };
  for (const [q, each] of judged.logits.entries()) outputs[`answer ${q}`] = softmax(each);
  return new Judge(world, parameters, await compile(outputs));
}

function sidesOf(side: number): number[] {
  return CHANNELS.reduce((sides, _, i) => [...sides, Math.ceil(sides[i]! / 2)], [side]);
}

function declarations({ shape: [channels, side], questions }: JudgedWorld): ParameterDeclaration[] {
  const inner = sidesOf(side).at(-1)! ** 2 * CHANNELS.at(-1)!;
  const layer = (name: string, shape: Shape): ParameterDeclaration[] => [
    { name: `${name}.weight`, shape, initialise: normal(Math.sqrt(2 / sizeOf(shape.slice(1)))) },
    { name: `${name}.bias`, shape: [shape[0]!], initialise: zeros },
  ];
  return [
    ...CHANNELS.flatMap((out, i) => layer(`convs.${i}`, [out, i === 0 ? channels : CHANNELS[i - 1]!, 3, 3])),
    ...layer("features", [FEATURES, inner]),
    ...questions.flatMap((answers, q) => layer(`questions.${q}`, [answers, FEATURES])),
  ];
}

function classifier(
  pixels: Value,
  parameters: Parameters,
  { questions }: JudgedWorld,
): { readonly features: Value; readonly logits: readonly Value[] } {
  const p = (name: string): Value => parameters.value(name);
  let y = pixels;
  for (let i = 0; i < CHANNELS.length; i++) {
    y = relu(conv2d(y, p(`convs.${i}.weight`), { stride: 2, padding: 1, bias: p(`convs.${i}.bias`) }));
  }
  const flat = reshape(y, [y.shape[0]!, sizeOf(y.shape.slice(1))]);
  const features = relu(linear(flat, p("features.weight"), p("features.bias")));
  const logits = questions.map((_, q) => linear(features, p(`questions.${q}.weight`), p(`questions.${q}.bias`)));
  return { features, logits };
}
