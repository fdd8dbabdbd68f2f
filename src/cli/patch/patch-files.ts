/** Writes what `vitrine patch --out` asks for: tensors, a table, a figure and a page. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { heatFigure } from "../../engine/media/heat-figure.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { signed } from "../../methods/decompose/report/numbers.js";
import { gridAxes, layerOf } from "../../methods/patching/cell-names.js";
import { VERSION } from "../../version.js";
import { OutputExistsError } from "../errors.js";
import { patchPage } from "./patch-page.js";
import { type PatchRun, titleOf } from "./patch-run.js";

const TENSORS = "patching.safetensors";

/** Throws {@link OutputExistsError} where results stand already. */
export function refuseEarlierPatching(out: string): void {
  const where = join(out, TENSORS);
  if (!existsSync(where)) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({ what: "the results of an earlier run stand there", where, fix });
}

/** Returns the paths. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writePatchFiles(out: string, run: PatchRun): Promise<string[]> {
  await makeFolder(out);
  const figure = patchFigure(run);
  const texts = { "patching.csv": csv(run), "patching.svg": figure, "report.html": await patchPage(run, figure) };
  await writeTensors(join(out, TENSORS), run);
  for (const [name, text] of Object.entries(texts)) await writeWhole(join(out, name), text);
  return [TENSORS, ...Object.keys(texts)].map((name) => join(out, name));
}

async function writeTensors(
  path: string,
  { clip, question, templates, pictures, grid, effects }: PatchRun,
): Promise<void> {
  const { plan, denoised, noised, controls } = grid;
  const tensors: Record<string, FloatTensor | undefined> = {
    denoised,
    noised,
    controls,
    denoising: effects.denoising,
    noising: effects.noising,
    control: effects.control,
  };
  const list = Object.entries(tensors).flatMap(([name, tensor]) =>
    tensor === undefined ? [] : [{ name, dtype: "F32" as const, shape: tensor.shape, data: tensor.data }],
  );
  await writeSafetensors(path, list, {
    method: "patching",
    version: VERSION,
    model: clip.parts.ref,
    text: question.text,
    against: JSON.stringify(question.against),
    templates,
    site: plan.selector,
    by: plan.by,
    rows: plan.rows,
    sites: JSON.stringify(plan.sites),
    pictures: JSON.stringify(pictures.names),
    scores: JSON.stringify([grid.clean_score, grid.corrupted_score, ...grid.control_scores]),
    unit: effects.unit,
  });
}

function csv({ grid, effects }: PatchRun): string {
  const { plan } = grid;
  const rows = plan.cells.map(({ site, head = "", token = "" }, i) => {
    const values = [grid.denoised, grid.noised, effects.denoising, effects.noising, effects.control];
    const layer = layerOf(plan.sites[site]!) ?? "";
    return [plan.sites[site], layer, head, token, ...values.map((tensor) => tensor?.data[i]?.toFixed(6) ?? "")].join(
      ",",
    );
  });
  return ["site,layer,head,token,denoised_score,noised_score,denoising,noising,control", ...rows]
    .join("\n")
    .concat("\n");
}

function patchFigure({ clip, question, grid, effects }: PatchRun): string {
  const { plan, clean_score, corrupted_score } = grid;
  const fraction = effects.unit === "fraction";
  const scores = `scores: A ${signed(clean_score, 3)}, B ${signed(corrupted_score, 3)}`;
  const controls = effects.controls?.shape[0] ?? 0;
  return heatFigure({
    title: titleOf(question),
    notes: [
      `${clip.parts.ref} · ${plan.selector} by ${plan.by}${plan.rows === "class" ? ", class token only" : ""} · ${scores}`,
      fraction
        ? "Share of the difference in score that one cell makes when it is put in: 0 none, 1 all of it."
        : "Change of score.",
    ],
    panels: [
      { title: "A’s cell into B: recovered", values: effects.denoising.data },
      { title: "B’s cell into A: lost", values: effects.noising.data },
      ...(effects.control === undefined
        ? []
        : [
            {
              title: `control: ${controls === 1 ? "another picture" : `${controls} other pictures`} into B`,
              values: effects.control.data,
            },
          ]),
    ],
    ...gridAxes(plan),
    scale: fraction ? "share of the difference" : "change of score",
  });
}
