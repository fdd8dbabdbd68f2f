/** `vitrine patch --pairs`: what cells carry over many pairs of scenes that differ in one attribute. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { heatFigure } from "../../engine/media/heat-figure.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { showEstimate } from "../../methods/claim.js";
import { signed } from "../../methods/decompose/report/numbers.js";
import { cellName, gridAxes } from "../../methods/patching/cell-names.js";
import { gridOf, type PatchGrid } from "../../methods/patching/patch-grid.js";
import { Patcher } from "../../methods/patching/patcher.js";
import type { PatchPlan } from "../../methods/patching/plan.js";
import { pooledRecovery, type PooledRecovery } from "../../methods/patching/pooled-recovery.js";
import type { Clip } from "../../models/clip/clip.js";
import { loadClip } from "../../models/clip/load.js";
import type { PatchCommandOptions } from "../commands/patch.js";
import { caveatOf } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { OutputExistsError } from "../errors.js";
import { countProgress } from "../progress.js";
import { padEnd, padStart, printable } from "../terminal-text.js";
import { directionOf } from "./direction.js";
import { controlScenes, scenePictures } from "./pictures.js";

const TABLE = "patching-pairs.csv";
const FIGURE = "patching-pairs.svg";

interface PairsRun {
  readonly clip: Clip;
  readonly about: string;
  readonly plan: PatchPlan;
  readonly pooled: PooledRecovery;
}

/** Throws `UsageError` for options that only pictures have, `OutputExistsError`, and what loading and patching throw. */
export async function runPatchPairs(images: readonly string[], options: PatchCommandOptions): Promise<void> {
  const { pairs = 0, scenes: seed, differ, site, by, rows, batch, templates, top, out, force, json } = options;
  checkScenesOnly(images, options);
  if (out !== undefined && force === undefined && existsSync(join(out, TABLE))) {
    const fix = "choose another --out, or pass --force to overwrite it";
    throw new OutputExistsError({ what: "the results of an earlier run stand there", where: join(out, TABLE), fix });
  }
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using patcher = new Patcher(clip, { site, rows, ...(by && { by }) });
  const grids: PatchGrid[] = [];
  const progress = countProgress(pairs, "pairs");
  for (let index = 0; index < pairs; index++) {
    const { texts, ...pictures } = scenePictures(clip, { scenes: seed, differ }, index);
    const direction = await directionOf(clip, { text: texts[0], against: [texts[1]] }, templates);
    const controls = controlScenes(clip, seed, [index]).pixels;
    grids.push(await gridOf(patcher, { ...pictures, controls }, direction, { batch }));
    progress.update(index + 1);
  }
  progress.clear();
  const about = `${pairs} pairs of scenes that differ in ${differ} (seed ${seed})`;
  const run = { clip, about, plan: patcher.plan, pooled: pooledRecovery(grids, { seed }) };
  const files = out === undefined ? [] : await writeFiles(out, run);
  const caveat = await caveatOf(clip);
  if (json) {
    const { selector, sites, grid, cells } = run.plan;
    const found = cells.map((cell, i) => ({ ...cell, name: cellName(run.plan, cell), ...run.pooled.cells[i]! }));
    const asked = { site: selector, by: run.plan.by, rows, sites, grid, differ, seed, pairs, templates };
    const model = { ref: clip.parts.ref, caveat };
    process.stdout.write(`${JSON.stringify({ model, ...asked, gap: run.pooled.gap, cells: found, files })}\n`);
    return;
  }
  process.stdout.write(textOf(run, caveat, top, files));
}

function checkScenesOnly(images: readonly string[], { text, against, pixels, control }: PatchCommandOptions): void {
  const given = {
    [images[0] ?? ""]: images[0],
    "--text": text,
    "--against": against,
    "--pixels": pixels,
    "--control FILE": control === true ? undefined : control,
  };
  const odd = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (odd === undefined) return;
  throw new UsageError({
    what: "--pairs is about scenes alone, each pair with texts of its own and one unrelated scene for control",
    got: odd,
    expected: "neither pictures nor texts",
    fix: "leave the others out, as in `vitrine patch --pairs 50 --differ colour`",
  });
}

function textOf(
  { clip, about, plan, pooled }: PairsRun,
  caveat: string | undefined,
  top: number,
  files: readonly string[],
): string {
  const ranked = pooled.cells
    .map((_, i) => i)
    .sort((a, b) => pooled.cells[b]!.lead!.value - pooled.cells[a]!.lead!.value);
  const names = ranked.slice(0, top).map((i) => cellName(plan, plan.cells[i]!));
  const width = Math.max(4, ...names.map((name) => name.length));
  const columns = ["A into B", "B into A", "control", "over control"];
  const lines = names.map((name, k) => {
    const { denoising, noising, control, lead } = pooled.cells[ranked[k]!]!;
    const values = [denoising, noising, control, lead].map((one) =>
      padStart(showEstimate(one, "percent"), VALUE_COLUMNS),
    );
    return `  ${padEnd(name, width)}${values.join("")}`;
  });
  const text = [
    `${printable(clip.parts.ref)} · ${printable(plan.selector)} by ${plan.by} · ${about}`,
    ...(caveat === undefined ? [] : [caveat]),
    "",
    `Shares of the difference in score (${showEstimate(pooled.gap, "plain")}) that single cells carry, by their lead over control:`,
    `  ${padEnd("", width)}${columns.map((name) => padStart(name, VALUE_COLUMNS)).join("")}`,
    ...lines,
    "",
    files.length === 0 ? "Add --out DIR for a table and a figure." : `Wrote ${files.map(printable).join(", ")}.`,
  ];
  return `${text.join("\n")}\n`;
}

const VALUE_COLUMNS = 22;
const KINDS = ["denoising", "noising", "control", "lead"] as const;

async function writeFiles(out: string, run: PairsRun): Promise<string[]> {
  await makeFolder(out);
  const { clip, about, plan, pooled } = run;
  const rows = pooled.cells.map((cell, i) => {
    const { site, head = "", token = "" } = plan.cells[i]!;
    const values = KINDS.flatMap((kind) =>
      [cell[kind]!.value, cell[kind]!.low, cell[kind]!.high].map((x) => x.toFixed(6)),
    );
    return [plan.sites[site], head, token, ...values].join(",");
  });
  const columns = KINDS.flatMap((kind) => [kind, `${kind}_low`, `${kind}_high`]);
  const panel = (title: string, kind: (typeof KINDS)[number]): { title: string; values: number[] } => {
    return { title, values: pooled.cells.map((cell) => cell[kind]!.value) };
  };
  const figure = heatFigure({
    title: `What carries the difference, over ${about}`,
    notes: [
      `${clip.parts.ref} · ${plan.selector} by ${plan.by} · mean difference in score ${signed(pooled.gap.value, 3)}`,
      "Share of the difference in score that one cell makes when it is put in: 0 none, 1 all of it.",
    ],
    panels: [
      panel("A’s cell into B: recovered", "denoising"),
      panel("B’s cell into A: lost", "noising"),
      panel("control: another picture into B", "control"),
    ],
    ...gridAxes(plan),
    scale: "share of the difference",
  });
  const files = { [TABLE]: `${[`site,head,token,${columns.join(",")}`, ...rows].join("\n")}\n`, [FIGURE]: figure };
  for (const [name, content] of Object.entries(files)) await writeWhole(join(out, name), content);
  return Object.keys(files).map((name) => join(out, name));
}
