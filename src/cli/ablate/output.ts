/** What `vitrine ablate` found: lines for people, JSON, CSV and figures. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Estimate } from "../../engine/tensor/bootstrap.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { showEstimate } from "../../methods/claim.js";
import type { AblationFigures, SweepPoint } from "../../methods/decompose/ablation-figures.js";
import { type FigureLine, lineFigure } from "../../methods/decompose/report/line-figure.js";
import type { Clip } from "../../models/clip/clip.js";
import { VERSION } from "../../version.js";
import { OutputExistsError } from "../errors.js";
import type { Skipped } from "../pictures/usable-batches.js";
import { fitMiddle, printable } from "../terminal-text.js";
import type { LabelledSet } from "./labelled-set.js";

export interface AblationRun {
  readonly clip: Clip;
  readonly caveat: string | undefined;
  readonly set: LabelledSet;
  /** Pictures that could be read. */
  readonly read: number;
  readonly skipped: readonly Skipped[];
  /** What means were taken over, if not the pictures themselves. */
  readonly means: string | undefined;
  readonly seed: number;
  /** Accuracy of one and the same answer. */
  readonly constant: number;
  readonly figures: readonly AblationFigures[];
}

const DOCUMENT = "ablation.json";

/** Throws {@link OutputExistsError} where results stand already. */
export function refuseEarlierAblation(out: string): void {
  const where = join(out, DOCUMENT);
  if (!existsSync(where)) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({ what: "the results of an earlier run stand there", where, fix });
}

export function runDocument({ clip, caveat, set, read, skipped, means, seed, constant, figures }: AblationRun): object {
  return {
    version: VERSION,
    model: { ref: clip.parts.ref, commit: clip.parts.source.commit, caveat },
    pictures: { name: set.title, read, skipped },
    classes: set.classes,
    means: means ?? "the evaluated pictures",
    seed,
    constant,
    ablations: figures,
  };
}

/** Returns the paths. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeAblation(out: string, run: AblationRun): Promise<string[]> {
  await makeFolder(out);
  const figures = (["layers", "texts"] as const).flatMap((kind): [string, string][] => {
    const figure = sweepFigure(run, kind);
    return figure === undefined ? [] : [[`${kind}.svg`, figure]];
  });
  const contents = [
    [DOCUMENT, `${JSON.stringify(runDocument(run), null, 1)}\n`],
    ["ablation.csv", csv(run)],
    ...figures,
  ] as const;
  for (const [name, text] of contents) await writeWhole(join(out, name), text);
  return contents.map(([name]) => join(out, name));
}

function csv({ figures }: AblationRun): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const cells = ({ value, low, high }: Estimate): number[] => [value, low, high];
  const rows = figures.flatMap(({ name, kind, heads, draws, accuracy, worst, change, groups = [] }) => {
    const head = [quoted(name), kind, heads, draws];
    const row = (figure: string, group: string, estimate: Estimate): string =>
      [...head, figure, quoted(group), ...cells(estimate)].join(",");
    return [
      row("accuracy", "", accuracy),
      row("change", "", change.accuracy),
      ...(groups.length < 2 && worst.value === accuracy.value
        ? []
        : [row("worst group", "", worst), row("change of worst group", "", change.worst)]),
      ...(groups.length < 2
        ? []
        : groups.map(({ group, accuracy: { share, low, high } }) => row("group", group, { value: share, low, high }))),
    ];
  });
  return `ablation,kind,heads,draws,figure,group,value,low,high\n${rows.join("\n")}\n`;
}

const FIGURES = {
  layers: { title: "Heads held at their mean, layer by layer", unit: "all heads of layers 0 to …" },
  texts: { title: "Late heads reduced to a few directions each", unit: "directions per head" },
} as const;

/** Undefined unless there is a sweep of this kind. */
function sweepFigure(
  { clip, set, read, constant, figures }: AblationRun,
  kind: SweepPoint["figure"],
): string | undefined {
  const points = figures.filter(({ at }) => at?.figure === kind);
  if (points.length === 0) return undefined;
  const lines = [...new Set(points.map(({ at }) => at!.line))].map((line): FigureLine => {
    const own = points.filter(({ at }) => at!.line === line);
    return {
      name: line,
      kind: own[0]!.kind === "method" ? "method" : "control",
      points: own.map(({ accuracy }) => accuracy),
    };
  });
  const { title, unit } = FIGURES[kind];
  const level = (name: string): { name: string; value: number }[] =>
    figures.filter((figure) => figure.name === name).map(({ accuracy }) => ({ name, value: accuracy.value }));
  return lineFigure({
    title: `${title} · ${clip.parts.ref}`,
    notes: [
      `Share told right of ${read} pictures among ${set.classes.length} classes: ${fitMiddle(set.title, TITLE_COLUMNS)}.`,
      "Bands: 95% by resampling pictures; of controls, the middle 95% of draws.",
    ],
    steps: [...new Set(points.map(({ at }) => String(at!.step)))],
    unit,
    lines,
    levels: [
      ...level("the model as it is"),
      ...(kind === "texts" ? [...level("late heads whole"), ...level("late heads at their mean")] : []),
      { name: "one answer for all", value: constant },
    ],
  });
}

/** Of the name of a set, in a figure. */
const TITLE_COLUMNS = 60;
const SKIPPED_SHOWN = 5;

export function ablationText(run: AblationRun, files: readonly string[]): string {
  const { clip, caveat, set, read, skipped, means, constant, figures } = run;
  const grouped = set.groups !== undefined;
  const more = skipped.length - SKIPPED_SHOWN;
  const lines = [
    `${printable(clip.parts.ref)} · ${printable(set.title)} · ${set.classes.length} classes`,
    ...(caveat === undefined ? [] : [caveat]),
    ...(skipped.length === 0 ? [] : [`Left out ${skipped.length} that cannot be read, told ${read}:`]),
    ...skipped.slice(0, SKIPPED_SHOWN).map(({ name, reason }) => `  ${printable(name)}: ${printable(reason)}`),
    ...(more > 0 ? [`  and ${more} more (all with --json)`] : []),
    `Held at the mean over ${means === undefined ? "these pictures themselves" : printable(means)}. Share told right and its change in points, with`,
    `intervals of 95% by resampling pictures (of several draws, by draws). One answer for all gets ${(100 * constant).toFixed(1)}%.`,
    "",
    ...table(figures, grouped),
    "",
    files.length === 0 ? "Add --out DIR for tables and figures." : `Wrote ${files.map(printable).join(", ")}.`,
  ];
  return `${lines.join("\n")}\n`;
}

function table(figures: readonly AblationFigures[], grouped: boolean): string[] {
  const names = [
    "held at the mean",
    ...figures.map(({ name, kind }) => `${kind === "control" ? "  " : ""}${printable(name)}`),
  ];
  const columns = [
    ["right", ...figures.map(({ accuracy }) => showEstimate(accuracy, "percent"))],
    ["change", ...figures.map(({ change }, i) => (i === 0 ? "" : showEstimate(change.accuracy, "points")))],
    ...(grouped
      ? [
          ["worst group", ...figures.map(({ worst }) => showEstimate(worst, "percent"))],
          ["change", ...figures.map(({ change }, i) => (i === 0 ? "" : showEstimate(change.worst, "points")))],
        ]
      : []),
  ];
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name, row) =>
    [name.padEnd(width), ...columns.map((cells, c) => cells[row]!.padStart(widths[c]!))].join("  ").trimEnd(),
  );
}
