/**
 * POPE: questions whether objects are in pictures, half of them about objects that are not, and how well they are answered.
 *
 * Source: Li et al., _Evaluating Object Hallucination in Large Vision-Language Models_, EMNLP 2023, section 5. Which objects are asked
 * for, and what counts as a yes, is as in the public code, but for its spelling of "an".
 */
import { UsageError } from "../../engine/errors.js";
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { Random } from "../../engine/tensor/random.js";
import type { ObjectTruth } from "./chair.js";

/**
 * Which absent objects are asked for: any, those that are in most pictures, or those that are most often beside the object that was asked
 * for before.
 */
export const POPE_STRATEGIES = ["random", "popular", "adversarial"] as const;
export type PopeStrategy = (typeof POPE_STRATEGIES)[number];

export interface PopeQuestion {
  /** From 1. */
  readonly id: number;
  readonly imageId: string;
  readonly object: string;
  /** "Is there a dog in the image?" */
  readonly text: string;
  /** Whether it is there. */
  readonly label: boolean;
}

export interface PopeOptions {
  /** Objects that are there, and as many that are not, of each picture; default 3. Pictures with fewer are passed over. */
  readonly perPicture?: number;
  /** Of draws. */
  readonly seed?: number;
  /** Pictures that say which objects there are, how frequent each is, and beside which; default, those that are asked about. */
  readonly reference?: ObjectTruth;
}

/** Questions in the order of the pictures. Throws `UsageError` where no picture has enough objects. */
export function popeQuestions(
  truth: ObjectTruth,
  strategy: PopeStrategy,
  { perPicture = 3, seed = 0, reference = truth }: PopeOptions = {},
): PopeQuestion[] {
  const random = new Random(seed);
  const known = new Known(reference);
  const questions: PopeQuestion[] = [];
  const ask = (imageId: string, object: string, label: boolean): void => {
    questions.push({ id: questions.length + 1, imageId, object, text: questionAbout(object), label });
  };
  for (const [imageId, objects] of truth) {
    if (objects.size < perPicture) continue;
    const asked = new Set<string>();
    for (const present of [...objects].slice(0, perPicture)) {
      ask(imageId, present, true);
      asked.add(present);
      const isNew = (object: string): boolean => !objects.has(object) && !asked.has(object);
      const preferred = known.inOrder(strategy, present).find(isNew);
      const others = preferred === undefined ? known.objects.filter(isNew) : [];
      const absent = preferred ?? others[random.below(Math.max(1, others.length))];
      if (absent === undefined) continue;
      ask(imageId, absent, false);
      asked.add(absent);
    }
  }
  if (questions.length > 0) return questions;
  throw new UsageError({
    what: "no picture has objects enough to be asked about",
    expected: `at least ${perPicture} objects in a picture`,
    fix: "ask about fewer objects a picture",
  });
}

export function questionAbout(object: string): string {
  return `Is there ${/^[aeiou]/i.test(object) ? "an" : "a"} ${object} in the image?`;
}

/** How often objects are in pictures, and two of them in one. */
class Known {
  readonly objects: readonly string[];
  readonly #popular: readonly string[];
  readonly #beside = new Map<string, Map<string, number>>();

  constructor(truth: ObjectTruth) {
    const counts = new Map<string, number>();
    for (const objects of truth.values()) {
      for (const object of objects) {
        counts.set(object, (counts.get(object) ?? 0) + 1);
        const beside = this.#beside.get(object) ?? new Map<string, number>();
        this.#beside.set(object, beside);
        for (const other of objects) if (other !== object) beside.set(other, (beside.get(other) ?? 0) + 1);
      }
    }
    this.objects = [...counts.keys()];
    this.#popular = ordered(counts);
  }

  /** What to ask for first; nothing where it is drawn. */
  inOrder(strategy: PopeStrategy, present: string): readonly string[] {
    if (strategy === "random") return [];
    return strategy === "popular" ? this.#popular : ordered(this.#beside.get(present) ?? new Map<string, number>());
  }
}

/** The most frequent first; of equals, the one that came first. */
const ordered = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort(([, a], [, b]) => b - a).map(([object]) => object);

/** Whether an answer counts as a yes: where its first sentence has no "no", "No" or "not". */
export function saysYes(answer: string): boolean {
  const words = answer.split(".", 1)[0]!.replaceAll(",", "").split(" ");
  return !["No", "no", "not"].some((word) => words.includes(word));
}

export interface PopeAnswer {
  /** Of the picture: intervals are by resampling pictures, since answers about one are not independent. */
  readonly imageId: string;
  readonly label: boolean;
  readonly yes: boolean;
}

export interface PopeScores {
  /** Shares, of all questions; undefined where there is nothing to divide by. */
  readonly accuracy: Estimate;
  readonly precision: Estimate | undefined;
  readonly recall: Estimate | undefined;
  readonly f1: Estimate | undefined;
  readonly yesRate: Estimate;
  readonly counts: PopeCounts;
}

export interface PopeCounts {
  readonly pictures: number;
  readonly questions: number;
  readonly true_positives: number;
  readonly false_positives: number;
  readonly true_negatives: number;
  readonly false_negatives: number;
}

/** Throws `UsageError` for no answers. */
export function pope(answers: readonly PopeAnswer[], seed = 0): PopeScores {
  if (answers.length === 0) {
    throw new UsageError({ what: "no answers to judge", got: "none", expected: "one or more" });
  }
  const pictures = byPicture(answers).map(countsOf);
  const whole = countsOf(answers);
  const figures = figuresOf(whole);
  const estimates = bootstrapEstimates(
    pictures.length,
    (members) => {
      const sums = [0, 0, 0, 0] as [number, number, number, number];
      for (const member of members) pictures[member]!.forEach((count, i) => (sums[i]! += count));
      // A draw that says nothing of a figure leaves it as it is.
      return figuresOf(sums).map((figure, i) => figure ?? figures[i] ?? 0);
    },
    { seed },
  );
  const [accuracy, precision, recall, f1, yesRate] = estimates.map((estimate, i) =>
    figures[i] === undefined ? undefined : estimate,
  );
  const [truePositives, falsePositives, trueNegatives, falseNegatives] = whole;
  return {
    accuracy: accuracy!,
    precision,
    recall,
    f1,
    yesRate: yesRate!,
    counts: {
      pictures: pictures.length,
      questions: answers.length,
      true_positives: truePositives,
      false_positives: falsePositives,
      true_negatives: trueNegatives,
      false_negatives: falseNegatives,
    },
  };
}

function byPicture(answers: readonly PopeAnswer[]): PopeAnswer[][] {
  const groups = new Map<string, PopeAnswer[]>();
  for (const answer of answers) groups.set(answer.imageId, [...(groups.get(answer.imageId) ?? []), answer]);
  return [...groups.values()];
}

type Counts = [truePositives: number, falsePositives: number, trueNegatives: number, falseNegatives: number];

function countsOf(answers: readonly PopeAnswer[]): Counts {
  const count = (label: boolean, yes: boolean): number =>
    answers.filter((answer) => answer.label === label && answer.yes === yes).length;
  return [count(true, true), count(false, true), count(false, false), count(true, false)];
}

function figuresOf([tp, fp, tn, fn]: Counts): (number | undefined)[] {
  const ratio = (part: number, of: number): number | undefined => (of === 0 ? undefined : part / of);
  const all = tp + fp + tn + fn;
  return [
    ratio(tp + tn, all),
    ratio(tp, tp + fp),
    ratio(tp, tp + fn),
    ratio(2 * tp, 2 * tp + fp + fn),
    ratio(tp + fp, all),
  ];
}
