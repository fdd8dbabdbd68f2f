/** Whether a model's heads can be read better than chance can: its figures beside controls. */
import { UsageError } from "../../engine/errors.js";
import { Random } from "../../engine/tensor/random.js";
import { association, conceptConsistency, entanglement, type JudgedHead } from "./metrics.js";
import { type Assignment, type HeadPicks, labelHeads, type LabelledHead } from "./properties.js";

/** One repetition: other pictures, other texts, another untrained model. */
export interface InterpretRun {
  readonly pool: TextPool;
  readonly trained: readonly HeadPicks[];
  /** Of a model of the same sizes with random weights. */
  readonly untrained: readonly HeadPicks[];
}

/** The texts that heads were described with, and what each speaks of. */
export interface TextPool {
  readonly texts: readonly string[];
  readonly assignments: readonly Assignment[];
}

export interface InterpretFigures {
  /** Higher is better. */
  readonly association: number;
  /** Mean CCS over heads, from 0 to the number of texts. Higher is better. */
  readonly consistency: number;
  /** Lower is better, as is the next. */
  readonly sharedHeads: number;
  readonly meanFrequency: number;
}

/** A figure's mean with its range: over runs the least and the largest, over draws of a control the middle 95%. */
export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

type Spreads<Name extends keyof InterpretFigures> = Readonly<Record<Name, Spread>>;

export interface InterpretEvaluation {
  readonly trained: Spreads<keyof InterpretFigures>;
  readonly untrained: Spreads<keyof InterpretFigures>;
  /** The model's labels dealt out anew to its heads; that changes no entanglement. */
  readonly shuffledLabels: Spreads<"association" | "consistency">;
  /** Each head with random texts of the pool, and labelled by them: what any texts give by rule. */
  readonly randomTexts: Spreads<keyof InterpretFigures>;
  /** Figures by which the model is better than a control, ranges apart. */
  readonly better: readonly {
    readonly figure: keyof InterpretFigures;
    readonly than: Control;
    readonly holds: boolean;
  }[];
}

export type Control = "untrained" | "shuffledLabels" | "randomTexts";

export interface EvaluateOptions {
  /** Texts per head; 5 unless told. */
  readonly texts?: number;
  /** How often each control is drawn per run; 200 unless told. */
  readonly draws?: number;
  readonly seed?: number;
}

const LOWER_IS_BETTER: readonly (keyof InterpretFigures)[] = ["sharedHeads", "meanFrequency"];
const MIDDLE = [0.025, 0.975] as const;

/**
 * Throws `UsageError` without runs. Take pools with equally many texts of each property (`balancedRows`): where most texts
 * speak of one property, so do random ones.
 */
export function evaluateInterpret(
  runs: readonly InterpretRun[],
  { texts: count = 5, draws = 200, seed = 0 }: EvaluateOptions = {},
): InterpretEvaluation {
  if (runs.length === 0) throw new UsageError({ what: "nothing to evaluate", expected: "at least one run" });
  const random = new Random(seed);
  const label = (heads: readonly HeadPicks[], { texts, assignments }: TextPool): LabelledHead[] =>
    labelHeads(heads, texts, assignments, count);
  const repeated = (heads: (run: InterpretRun) => readonly JudgedHead[]): InterpretFigures[] =>
    runs.flatMap((run) => Array.from({ length: draws }, () => figuresOf(heads(run), count)));
  const trained = spreads(runs.map((run) => figuresOf(label(run.trained, run.pool), count)));
  const untrained = spreads(runs.map((run) => figuresOf(label(run.untrained, run.pool), count)));
  const { association: agreeing, consistency } = spreads(
    repeated((run) => withShuffledLabels(label(run.trained, run.pool), random)),
    MIDDLE,
  );
  const randomTexts = spreads(
    repeated(({ trained: heads, pool }) => {
      const withRandom = heads.map((head) => ({ ...head, picks: drawRows(pool.texts.length, count, random) }));
      return label(withRandom, pool);
    }),
    MIDDLE,
  );
  const shuffledLabels = { association: agreeing, consistency };
  const controls: Readonly<Record<Control, Partial<Spreads<keyof InterpretFigures>>>> = {
    untrained,
    shuffledLabels,
    randomTexts,
  };
  const better = (Object.keys(controls) as Control[]).flatMap((than) =>
    (Object.entries(controls[than]) as [keyof InterpretFigures, Spread][]).map(([figure, control]) => {
      const own = trained[figure];
      const holds = LOWER_IS_BETTER.includes(figure) ? own.high < control.low : own.low > control.high;
      return { figure, than, holds };
    }),
  );
  return { trained, untrained, shuffledLabels, randomTexts, better };
}

function figuresOf(heads: readonly JudgedHead[], count: number): InterpretFigures {
  const { sharedHeads, meanFrequency } = entanglement(heads);
  const { heads: scored } = conceptConsistency(heads, count);
  const consistency = scored.reduce((sum, { score }) => sum + score, 0) / Math.max(1, scored.length);
  return { association: association(heads).score, consistency, sharedHeads, meanFrequency };
}

function withShuffledLabels(heads: readonly LabelledHead[], random: Random): JudgedHead[] {
  const labels = random.shuffled(heads.map(({ label }) => label));
  return heads.map(({ layer, head, texts }, i) => {
    const label = labels[i];
    const judged = texts.map(({ properties }) => ({ agrees: label !== undefined && properties.includes(label) }));
    return { layer, head, label, texts: judged };
  });
}

/** Different rows, at most as many as there are. */
function drawRows(rows: number, count: number, random: Random): number[] {
  const drawn = new Set<number>();
  while (drawn.size < Math.min(rows, count)) drawn.add(random.below(rows));
  return [...drawn];
}

function spreads(
  figures: readonly InterpretFigures[],
  [from, to] = [0, 1] as readonly [number, number],
): Spreads<keyof InterpretFigures> {
  const spread = (name: keyof InterpretFigures): Spread => {
    const values = figures.map((one) => one[name]).sort((a, b) => a - b);
    const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
    return { mean: values.reduce((a, b) => a + b, 0) / values.length, low: at(from), high: at(to) };
  };
  return {
    association: spread("association"),
    consistency: spread("consistency"),
    sharedHeads: spread("sharedHeads"),
    meanFrequency: spread("meanFrequency"),
  };
}
