/** What `vitrine patch` prints: lines for people, and one JSON document. */
import { percent, signed } from "../../methods/decompose/report/numbers.js";
import { cellName, layerOf } from "../../methods/patching/cell-names.js";
import { SMALLEST_GAP } from "../../methods/patching/recovery.js";
import { VERSION } from "../../version.js";
import { columnsOf, fitMiddle, padEnd, padStart, printable } from "../terminal-text.js";
import { inWords, type PatchRun } from "./patch-run.js";

const NAME_COLUMNS = 70;
const VALUE_COLUMNS = 12;

export function patchText(
  run: PatchRun,
  { top, files }: { readonly top: number; readonly files: readonly string[] },
): string {
  const { clip, caveat, question, grid } = run;
  const { selector, by, cells } = grid.plan;
  const count = `${cells.length} cell${cells.length === 1 ? "" : "s"}`;
  const lines = [
    `${printable(clip.parts.ref)} · ${printable(selector)} by ${by} · ${count} · ${printable(inWords(question))}`,
    ...(caveat === undefined ? [] : [caveat]),
    "",
    ...scoreLines(run),
    "",
    ...cellLines(run, top),
    "",
    files.length === 0
      ? "Add --out DIR for tensors, a table, a figure and a report."
      : `Wrote ${files.map(printable).join(", ")}.`,
  ];
  return `${lines.join("\n")}\n`;
}

function scoreLines({ pictures: { names }, grid }: PatchRun): string[] {
  const controls = names.controls.map((name, i) => ["control", name, grid.control_scores[i]!] as const);
  const all = [
    ["A", names.clean, grid.clean_score],
    ["B", names.corrupted, grid.corrupted_score],
    ...controls,
  ] as const;
  const shown = all.map(([role, name, score]) => [role, fitMiddle(printable(name), NAME_COLUMNS), score] as const);
  const widest = Math.max(...shown.map(([, name]) => columnsOf(name)));
  const role = Math.max(...shown.map(([role]) => role.length));
  return shown.map(
    ([part, name, score]) => `  ${padEnd(part, role)}  ${padEnd(name, widest)}   score ${signed(score)}`,
  );
}

function cellLines({ grid, effects, ranked }: PatchRun, top: number): string[] {
  const gap = grid.clean_score - grid.corrupted_score;
  const shown = ranked.slice(0, top);
  const names = shown.map(({ cell }) => cellName(grid.plan, grid.plan.cells[cell]!));
  const width = Math.max(...names.map((name) => name.length), 4);
  const withControl = effects.control !== undefined;
  const heads = ["A into B", "B into A", ...(withControl ? ["control"] : [])];
  const what =
    effects.unit === "fraction"
      ? `Shares of the difference in score, ${signed(gap)}, that single cells carry:`
      : `A and B score alike (within ${SMALLEST_GAP}), so that shares would mean nothing. Changes of score:`;
  const value = (effect: number): string =>
    padStart(effects.unit === "fraction" ? percent(effect) : signed(effect), VALUE_COLUMNS);
  return [
    what,
    `  ${padEnd("", width)}${heads.map((head) => padStart(head, VALUE_COLUMNS)).join("")}`,
    ...shown.map(({ denoising, noising, control }, i) => {
      const values = [denoising, noising, ...(control === undefined ? [] : [control])];
      return `  ${padEnd(names[i]!, width)}${values.map(value).join("")}`;
    }),
    ...(withControl ? [] : ["Add --control to see what cells of pictures that have nothing to do with it do."]),
  ];
}

/** Cells in the order of the grid. */
export function documentOf(run: PatchRun, files: readonly string[]): Record<string, unknown> {
  const { clip, caveat, question, templates, pictures, grid, effects, seconds } = run;
  const { plan } = grid;
  return {
    version: VERSION,
    model: { ref: clip.parts.ref, commit: clip.parts.source.commit, caveat },
    ...question,
    templates,
    site: plan.selector,
    by: plan.by,
    rows: plan.rows,
    grid: plan.grid,
    pictures: {
      clean: { name: pictures.names.clean, score: grid.clean_score },
      corrupted: { name: pictures.names.corrupted, score: grid.corrupted_score },
      controls: pictures.names.controls.map((name, i) => ({ name, score: grid.control_scores[i] })),
    },
    unit: effects.unit,
    cells: plan.cells.map((cell, i) => ({
      site: plan.sites[cell.site],
      layer: layerOf(plan.sites[cell.site]!),
      head: cell.head,
      token: cell.token,
      denoising: effects.denoising.data[i],
      noising: effects.noising.data[i],
      control: effects.control?.data[i],
    })),
    seconds,
    files,
  };
}
