/** How often values lie where: bins of one width, between round numbers. */
import { valueRange } from "./colour.js";
import type { BuildChart } from "./build-chart.js";
import { readable } from "./numbers.js";
import type { Table } from "./table.js";

export interface Bin {
  readonly low: number;
  readonly high: number;
  /** Parts of all values, and of all control values, 0 to 1. */
  readonly share: number;
  readonly control?: number;
}

/** A value to point out among the others. */
export interface Mark {
  readonly value: number;
  readonly label: string;
}

export interface HistogramFigure {
  readonly bins: readonly Bin[];
  readonly valueName: string;
  readonly controlMeans: string;
  readonly marks?: readonly Mark[] | undefined;
}

/** About `count` bins over values and control values together. What is not finite is left out. */
export function histogram(values: ArrayLike<number>, control?: ArrayLike<number>, count = 30): Bin[] {
  const [own, other] = [finite(values), control && finite(control)];
  if (own.length === 0) return [];
  const { min, max } = valueRange([...own, ...(other ?? [])]);
  const step = roundStep((max - min || Math.abs(max) || 1) / count);
  const first = Math.floor(min / step);
  const bins = Math.floor(max / step) - first + 1;
  const [shares, controls] = [own, other].map((all) => all && sharesOf(all, first, step, bins));
  return Array.from({ length: bins }, (_, i) => ({
    low: (first + i) * step,
    high: (first + i + 1) * step,
    share: shares![i]!,
    ...(controls && { control: controls[i]! }),
  }));
}

const finite = (values: ArrayLike<number>): number[] => Array.from(values).filter(Number.isFinite);

function sharesOf(values: readonly number[], first: number, step: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor(value / step) - first))]! += 1;
  return counts.map((count) => count / values.length);
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((times) => times * power >= least) ?? 10) * power;
}

/** What is said about each bin. */
export function binTexts({ bins, controlMeans }: HistogramFigure): string[] {
  return bins.map(({ low, high, share, control }) => {
    const other = control === undefined ? "" : `; ${controlMeans} ${percent(control)}`;
    return `${readable(low)} to ${readable(high)}: ${percent(share)}${other}`;
  });
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function histogramTable({ bins, controlMeans }: HistogramFigure): Table {
  const controls = bins.some(({ control }) => control !== undefined);
  const names = ["from", "to", "share", ...(controls ? [controlMeans] : [])];
  return {
    columns: names.map((name) => ({ name })),
    rows: bins.map(({ low, high, share, control }) => [low, high, share, ...(controls ? [control ?? null] : [])]),
  };
}

/** Bars for the values, a grey outline for the control, a line with a name for each mark. */
export function buildHistogram({ bins, valueName, marks = [] }: HistogramFigure): BuildChart {
  // Names of marks lie towards the middle, where there is room for them.
  const middle = ((bins[0]?.low ?? 0) + (bins.at(-1)?.high ?? 0)) / 2;
  return (plot, { colours, at }) => ({
    marginTop: marks.length > 0 ? 34 : 24,
    marginBottom: 40,
    x: { label: valueName, labelAnchor: "center", labelArrow: "none" },
    y: { label: "share of values", percent: true, grid: true, labelArrow: "none", tickFormat: (t: number) => `${t} %` },
    marks: [
      plot.rectY(bins, {
        x1: "low",
        x2: "high",
        y: "share",
        fill: colours.accent,
        inset: 0.5,
        stroke: (_, i: number) => (i === at ? colours.ink : "none"),
        strokeWidth: 2.5,
      }),
      ...(bins[0]?.control === undefined
        ? []
        : [
            plot.line(
              bins.flatMap(({ low, high, control }) => [low, high].map((x) => ({ x, control }))),
              { x: "x", y: "control", stroke: colours.ink, strokeWidth: 1.5, strokeDasharray: "5 2" },
            ),
          ]),
      plot.ruleY([0], { stroke: colours.control }),
      plot.ruleX(marks, { x: "value", stroke: colours.ink, strokeWidth: 1.5 }),
      ...[true, false].map((left) =>
        plot.text(
          marks.filter(({ value }) => value < middle === left),
          {
            x: "value",
            text: "label",
            frameAnchor: "top",
            dy: -10,
            textAnchor: left ? "start" : "end",
            fill: colours.ink,
          },
        ),
      ),
    ],
  });
}
