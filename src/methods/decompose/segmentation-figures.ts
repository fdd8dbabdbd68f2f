/** Scores of several ways to segment the same pictures, as a table with intervals. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { type SegmentationScore, SegmentationScores } from "./segmentation-metrics.js";

const METRICS = ["pixelAccuracy", "meanIoU", "foregroundIoU", "meanAveragePrecision"] as const;
export type SegmentationMetric = (typeof METRICS)[number];

/** Intervals are of 95%, by resampling pictures. */
export interface MethodFigures {
  readonly method: string;
  /** A control knows nothing of where the thing is. */
  readonly kind: "method" | "baseline" | "control";
  readonly figures: Readonly<Record<SegmentationMetric, Estimate>>;
  /** By how much the first row's figures exceed this one's, on the same pictures. */
  readonly lead: Readonly<Record<SegmentationMetric, Estimate>>;
  /**
   * Whether it is the right thing that was found: of the scenes with other shapes too, the share in which the map is higher
   * on the shape in question than on the others, each on average. A map that heeds no text has about a half. Absent where no
   * scene has other shapes.
   */
  readonly pointing?: Estimate;
}

export interface SceneScore extends SegmentationScore {
  readonly pointing: number | undefined;
}

/** Rows in the order of `scores`; each method has one score for each picture, in the same order. */
export function tabulate<Method extends string>(
  scores: ReadonlyMap<Method, readonly SceneScore[]>,
  kinds: Readonly<Record<Method, MethodFigures["kind"]>>,
  seed: number,
): MethodFigures[] {
  const methods = [...scores.keys()];
  const lists = [...scores.values()];
  const count = lists[0]!.length;
  /** A method's figures, the first method's lead over them, its pointing; then the next method's. */
  const statistic = (members: Int32Array): number[] => {
    const tables = lists.map((list) => figuresOf(list, members));
    return tables.flatMap((table, i) => [
      ...table,
      ...table.map((figure, metric) => tables[0]![metric]! - figure),
      pointingOf(lists[i]!, members),
    ]);
  };
  const estimates = bootstrapEstimates(count, statistic, { seed });
  const perMethod = 2 * METRICS.length + 1;
  return methods.map((method, row) => {
    const own = estimates.slice(row * perMethod, (row + 1) * perMethod);
    const pointing = own.at(-1)!;
    return {
      method,
      kind: kinds[method],
      figures: byMetric(own),
      lead: byMetric(own.slice(METRICS.length)),
      ...(Number.isNaN(pointing.value) ? {} : { pointing }),
    };
  });
}

function figuresOf(scores: readonly SegmentationScore[], members: Int32Array): number[] {
  const total = new SegmentationScores();
  for (const member of members) total.add(scores[member]!);
  const figures = total.figures();
  return METRICS.map((metric) => figures[metric]);
}

/** NaN where no member has other shapes. */
function pointingOf(scores: readonly SceneScore[], members: Int32Array): number {
  let [sum, count] = [0, 0];
  for (const member of members) {
    const { pointing } = scores[member]!;
    if (pointing === undefined) continue;
    sum += pointing;
    count++;
  }
  return sum / count;
}

function byMetric(estimates: readonly Estimate[]): Record<SegmentationMetric, Estimate> {
  return Object.fromEntries(METRICS.map((metric, i) => [metric, estimates[i]!])) as Record<
    SegmentationMetric,
    Estimate
  >;
}
