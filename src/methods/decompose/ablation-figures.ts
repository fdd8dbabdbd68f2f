/** What ablations cost, from the answers under them: accuracies with intervals, beside those of the model as it is. */
import { type Estimate, spreadOfDraws } from "../../engine/tensor/bootstrap.js";
import type { Ablation } from "./components.js";
import { type ComparedAccuracies, groupAccuracies, type GroupAccuracies, type GroupedTruth } from "./group-accuracy.js";

export interface PlannedAblation {
  readonly name: string;
  readonly kind: "method" | "baseline" | "control";
  /** One, or the draws of a control. */
  readonly runs: readonly Ablation[];
  readonly at?: SweepPoint;
}

/** Where a row stands in a figure over layers, or over texts per head. */
export interface SweepPoint {
  readonly figure: "layers" | "texts";
  readonly line: string;
  readonly step: number;
}

export interface AblationFigures extends Pick<PlannedAblation, "name" | "kind" | "at"> {
  /** Heads held at their mean, in each run. */
  readonly heads: number;
  readonly draws: number;
  /** Intervals by resampling pictures; of several draws, their mean and middle 95%. */
  readonly accuracy: Estimate;
  readonly worst: Estimate;
  /** Less the figures of the model as it is, on the same pictures. */
  readonly change: Readonly<Record<"accuracy" | "worst", Estimate>>;
  /** Of single runs. */
  readonly groups?: GroupAccuracies["groups"];
}

/** The first plan is of the model as it is. `predicted` has the answers of all runs of all plans, in their order. */
export function ablationFigures(
  plans: readonly PlannedAblation[],
  predicted: readonly (readonly number[])[],
  truth: GroupedTruth,
  seed: number,
): AblationFigures[] {
  const compared = groupAccuracies(predicted, truth, { seed });
  let next = 0;
  return plans.map(({ name, kind, runs, at }) => {
    const own = compared.slice(next, next + runs.length);
    next += runs.length;
    const over = (pick: (one: ComparedAccuracies) => Estimate): Estimate =>
      own.length === 1 ? pick(own[0]!) : spreadOfDraws(own.map((one) => pick(one).value));
    const { heads = [], reconstructed } = runs[0]!;
    return {
      name,
      kind,
      heads: heads.length + (reconstructed?.heads.length ?? 0),
      draws: runs.length,
      accuracy: over(({ average }) => average),
      worst: over(({ worst }) => worst),
      change: { accuracy: over(({ gain }) => gain.average), worst: over(({ gain }) => gain.worst) },
      ...(own.length === 1 && { groups: own[0]!.groups }),
      ...(at && { at }),
    };
  });
}

/** A number with its noun. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The share of the most frequent class: what one and the same answer gets. */
export function constantAccuracy({ labels }: Pick<GroupedTruth, "labels">): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}
