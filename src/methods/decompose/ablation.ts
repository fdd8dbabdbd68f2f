/**
 * Mean ablation: what a model answers when some of its components say the same of every picture.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, "Interpreting CLIP's Image Representation via Text-Based Decomposition", sections 3.2 and 4.
 * A component's contribution is replaced by its mean over the evaluated pictures, as the reference does; nothing is run again. All that
 * an answer needs of a component are its dot products with the classes, so that pictures stream by (twice) and memory does not grow
 * with their number.
 */
import { UsageError } from "../../engine/errors.js";
import { input } from "../../engine/graph/ops/leaves.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import type { VisionGraph } from "../../models/clip/final-norm.js";
import { type Ablation, ablatedLogits, checkAblation, ComponentLayout, componentLogits } from "./components.js";
import { checkEdits } from "./edits.js";

/** What heads keep when all but some directions of each are held at the mean. */
export interface Reconstruction {
  readonly name: string;
  /** [L·H,D,C]: from a head's contribution to the dot products of its kept part with the classes. */
  readonly maps: FloatTensor;
}

export interface AblationOptions {
  readonly reconstructions?: readonly Reconstruction[];
  /** Classes that stand beside each other in an answer, as [start, end): one answer for each range. Default: all are one. */
  readonly questions?: readonly (readonly [start: number, end: number])[];
  /** Pictures that components' means are those of, instead of the evaluated ones; called once. */
  readonly meansOver?: () => AsyncIterable<FloatTensor>;
  /** Pictures per run of the model; default 8. */
  readonly batch?: number;
  /** Called with the number of pictures that were read, each twice. */
  readonly onProgress?: (read: number) => void;
}

export interface AblationAnswers {
  readonly pictures: number;
  /** For each ablation and each question, the class of every picture, counted from the start of the question. */
  readonly predicted: readonly (readonly Int32Array[])[];
}

/**
 * Answers under each of the ablations, for class directions [C,D]. `pictures` gives pixels [B,3,S,S] at a time; it is called twice and must
 * give the same. Throws {@link UsageError} for no pictures, for other ones the second time, and for components that the model has not.
 */
export async function meanAblation(
  clip: Clip,
  pictures: () => AsyncIterable<FloatTensor>,
  classes: FloatTensor,
  ablations: readonly Ablation[],
  options: AblationOptions = {},
): Promise<AblationAnswers> {
  const { reconstructions = [], questions = [[0, classes.shape[0]!]], meansOver, batch, onProgress } = options;
  for (const ablation of ablations) checkAblation(clip, ablation);
  const layout = new ComponentLayout(
    clip,
    reconstructions.map(({ name }) => name),
  );
  const run = runner(clip, classes, reconstructions, batch);
  const count = classes.shape[0]!;
  const sums = new Float64Array(layout.count * count);
  let read = 0;
  for await (const pixels of (meansOver ?? pictures)()) {
    const { components } = await run("components", pixels, (components) => ({ components }));
    components.data.forEach((value, i) => (sums[i % sums.length]! += value));
    read += pixels.shape[0]!;
    onProgress?.(read);
  }
  if (read === 0) throw new UsageError({ what: "no mean of no pictures", expected: "1 or more" });
  const means = sums.map((sum) => sum / read);
  const exchange = exchangeOf(layout, ablations, means, count);
  let again = 0;
  const predicted = ablations.map(() => questions.map((): number[] => []));
  for await (const pixels of pictures()) {
    const extend = (components: Value): { answers: Value } => {
      const given = (name: keyof typeof exchange): Value => input(name, exchange[name].shape);
      return { answers: ablatedLogits(components, given("weights"), given("offsets")) };
    };
    const { answers } = await run(`ablated:${ablations.length}`, pixels, extend, exchange);
    choose(answers, questions, predicted, again);
    again += pixels.shape[0]!;
    onProgress?.(read + again);
  }
  if (again > 0 && (meansOver !== undefined || again === read)) {
    return { pictures: again, predicted: predicted.map((lists) => lists.map((list) => Int32Array.from(list))) };
  }
  throw new UsageError({
    what: "pictures changed between the two times that they are read",
    got: `${read}, then ${again}`,
    expected: "the same pictures twice",
  });
}

type Extend<Name extends string> = (components: Value) => Record<Name, Value>;

function runner(clip: Clip, classes: FloatTensor, reconstructions: readonly Reconstruction[], batch?: number) {
  const maps = Object.fromEntries(reconstructions.map(({ maps }, i) => [`map ${i}`, maps] as const));
  const given: Record<string, Tensor> = { classes, ...maps };
  return <Name extends string>(
    key: string,
    pixels: FloatTensor,
    extend: Extend<Name>,
    more: Readonly<Record<string, Tensor>> = {},
  ): Promise<Record<Name, FloatTensor>> => {
    clip.checkPixels(pixels);
    return clip.vision.run(
      `${key}:${classes.shape[0]!}:${reconstructions.length}`,
      { pixels },
      (graph: VisionGraph) => {
        checkEdits(graph, true);
        const values = Object.entries(maps).map(([name, { shape }]) => input(name, shape));
        return extend(componentLogits(graph, input("classes", classes.shape), values));
      },
      { shared: { ...given, ...more }, ...(batch === undefined ? {} : { batch }) },
    );
  };
}

/** What every component counts, [1,R,K], and what is added of the means, [1,R,C]. */
function exchangeOf(
  layout: ComponentLayout,
  ablations: readonly Ablation[],
  means: Float64Array,
  classes: number,
): { readonly weights: FloatTensor; readonly offsets: FloatTensor } {
  const whole = layout.whole();
  const weights = new Float32Array(ablations.length * layout.count);
  const offsets = new Float32Array(ablations.length * classes);
  for (const [row, ablation] of ablations.entries()) {
    const changes = layout.changes(ablation);
    for (const [k, change] of changes.entries()) {
      weights[row * layout.count + k] = whole[k]! + change;
      if (change === 0) continue;
      for (let c = 0; c < classes; c++) offsets[row * classes + c]! -= change * means[k * classes + c]!;
    }
  }
  return {
    weights: floatTensor(weights, [1, ablations.length, layout.count]),
    offsets: floatTensor(offsets, [1, ablations.length, classes]),
  };
}

/** Puts the best class of each question for answers [B,R,C] where the pictures from `start` on stand. */
function choose(
  { data, shape }: FloatTensor,
  questions: readonly (readonly [number, number])[],
  predicted: readonly (readonly number[][])[],
  start: number,
): void {
  const [pictures, runs, classes] = shape as [number, number, number];
  for (let picture = 0; picture < pictures; picture++) {
    for (let run = 0; run < runs; run++) {
      const from = (picture * runs + run) * classes;
      for (const [q, [first, end]] of questions.entries()) {
        let best = first;
        for (let c = first + 1; c < end; c++) if (data[from + c]! > data[from + best]!) best = c;
        predicted[run]![q]![start + picture] = best - first;
      }
    }
  }
}
