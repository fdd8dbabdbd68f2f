/** The page of `vitrine patch`: the pictures, the figure, maps of tokens over the pictures. One file that runs nothing. */
import { overlayHeatmap } from "../../engine/media/heatmap.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { pageFrame } from "../../methods/decompose/report/frame.js";
import { dataAddress } from "../../methods/decompose/report/heat-maps.js";
import { html, Markup } from "../../methods/decompose/report/markup.js";
import { largestMagnitude, percent, signed } from "../../methods/decompose/report/numbers.js";
import { seenPicture } from "../../methods/decompose/report/seen-picture.js";
import { cellName } from "../../methods/patching/cell-names.js";
import { VERSION } from "../../version.js";
import { type PatchRun, titleOf } from "./patch-run.js";

/** Cells listed. */
const LISTED = 12;

export async function patchPage(run: PatchRun, figure: string): Promise<string> {
  const { clip, caveat, question, pictures, grid, effects } = run;
  const seen = (pixels: FloatTensor): RgbImage => seenPicture(pixels, 0, clip.parts.preprocessing);
  const shown = [
    ["A", pictures.names.clean, pictures.clean, grid.clean_score] as const,
    ["B", pictures.names.corrupted, pictures.corrupted, grid.corrupted_score] as const,
    ...pictures.controls.map(
      (pixels, i) => ["control", pictures.names.controls[i]!, pixels, grid.control_scores[i]!] as const,
    ),
  ];
  const images: Markup[] = [];
  for (const [role, name, pixels, score] of shown) {
    const caption = html`<b>${role}</b> ${name}<br />score ${signed(score)}`;
    images.push(
      html`<figure>
        <img src="${await dataAddress(seen(pixels))}" alt="${name}" />
        <figcaption>${caption}</figcaption>
      </figure>`,
    );
  }
  const gap = signed(grid.clean_score - grid.corrupted_score);
  return pageFrame({
    title: html`${titleOf(question)}`,
    lead: `Activation patching: the model runs on one picture with one cell of ${grid.plan.selector} taken from its run on the other. What the score then does is what this cell carries, with all that follows from it.`,
    caveat,
    body: html`<section class="picture"><div class="heads">${images}</div></section>
      <section class="picture">
        <figure><img class="figure" src="${svgAddress(figure)}" alt="All cells" /></figure>
        <p class="lead">
          Cells do not add up: what two carry together may be more or less than what each carries. A cell that does as
          much when it comes from a picture that has nothing to do with the two (control) takes something away from B
          rather than bringing something of A.
        </p>
      </section>
      ${await tokenMaps(run, seen(pictures.corrupted))}
      <section class="picture">${table(run)}</section>`,
    facts: {
      model: clip.parts.ref,
      "difference in score": effects.unit === "score" ? `${gap}, too small for shares of it` : gap,
      Vitrine: VERSION,
    },
    style: "img.figure { width: auto; max-width: 100%; background: none; }\n",
  });
}

const svgAddress = (svg: string): Markup =>
  new Markup(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);

/** Where tokens lie in the picture: one map for each layer, of what A's token does in B. */
async function tokenMaps({ clip, grid: { plan }, effects }: PatchRun, seen: RgbImage): Promise<Markup | undefined> {
  const { grid, tokens } = clip.parts.vision;
  if (plan.by !== "tokens" || plan.size.tokens !== tokens) return undefined;
  const patches = plan.sites.map((_, i) => effects.denoising.data.subarray(i * tokens + plan.prefix, (i + 1) * tokens));
  const reach = largestMagnitude(...patches) || 1;
  const maps: Markup[] = [];
  for (const [i, values] of patches.entries()) {
    const range = { min: -reach, max: reach };
    const map = overlayHeatmap(seen, values, grid, grid, { map: "blue-red", range, upsampling: "nearest" });
    maps.push(
      html`<figure>
        <img src="${await dataAddress(map)}" alt="" />
        <figcaption>${plan.sites[i]}</figcaption>
      </figure>`,
    );
  }
  return html`<section class="picture">
    <h2>Patches of A put into B, on B</h2>
    <p class="lead">Full colour at ±${reach.toFixed(3)}; tokens that are no patches are not shown.</p>
    <div class="heads">${maps}</div>
  </section>`;
}

function table({ grid, effects, ranked }: PatchRun): Markup {
  const value = (effect: number | undefined): string =>
    effect === undefined ? "" : effects.unit === "fraction" ? percent(effect) : signed(effect);
  const number = (text: string): Markup => html`<td class="number">${text}</td>`;
  const rows = ranked.slice(0, LISTED).map(
    ({ cell, denoising, noising, control }) =>
      html`<tr>
        <th scope="row">${cellName(grid.plan, grid.plan.cells[cell]!)}</th>
        ${[denoising, noising, control].map((effect) => number(value(effect)))}
      </tr>`,
  );
  return html`<h2>The strongest cells</h2>
    <table class="scores">
      <thead>
        <tr>
          <th>cell</th>
          <th class="number">A into B</th>
          <th class="number">B into A</th>
          <th class="number">${effects.control === undefined ? "" : "control"}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}
