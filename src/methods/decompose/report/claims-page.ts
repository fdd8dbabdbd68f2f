/** The page of `vitrine eval`: each claim, whether it holds here, and the figures beside their controls. */
import { type Claim, type ClaimColumn, type ClaimRow, type ClaimTable, showEstimate } from "../../claim.js";
import type { Estimate } from "../../../engine/tensor/bootstrap.js";
import { pageFrame } from "./frame.js";
import { html, type Markup } from "./markup.js";

export interface ClaimsPageFacts {
  readonly method: string;
  readonly model: string;
  readonly caveat: string | undefined;
  readonly seeds: string;
  readonly version: string;
}

export function claimsPage(
  { method, model, caveat, seeds, version }: ClaimsPageFacts,
  claims: readonly Claim[],
): string {
  const held = claims.filter(({ holds }) => holds).length;
  return pageFrame({
    title: html`What holds of ${method} on <bdi>${model}</bdi>`,
    lead: `Claims of the papers, measured on drawn scenes whose content is known, beside controls that know nothing of what is claimed. ${held} of ${claims.length} hold here. Intervals are of 95% unless a table says otherwise.`,
    caveat,
    body: html`<div class="claims">${claims.map(section)}</div>`,
    facts: { seeds, Vitrine: version },
    style: CLAIMS,
  });
}

function section({ claim, holds, found, criterion, setting, tables }: Claim): Markup {
  return html`<section class="text claim ${holds ? "held" : "open"}">
    <h2>${claim}</h2>
    <p><b class="verdict">${holds ? "Holds here." : "Does not hold here."}</b> ${found}</p>
    <p class="small"><b>It holds if:</b> ${criterion}</p>
    <p class="small"><b>Measured:</b> ${setting}</p>
    ${tables.map(tableOf)}
  </section>`;
}

function tableOf({ title, columns, rows }: ClaimTable): Markup {
  const ranges = columns.map((_, i) => rangeOf(rows.flatMap(({ figures }) => figures[i] ?? [])));
  return html`<div class="scroll">
    <table class="scores figures">
      <caption>
        ${title}
      </caption>
      <thead>
        <tr>
          <th></th>
          ${columns.map(({ name }) => html`<th class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, kind, figures }) =>
            html`<tr class="${kind}">
              <th scope="row">${name}</th>
              ${columns.map((column, i) => cell(figures[i], column, ranges[i]!, kind))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

type Range = readonly [low: number, high: number];

function rangeOf(estimates: readonly Estimate[]): Range {
  const low = Math.min(0, ...estimates.map((estimate) => estimate.low));
  return [low, Math.max(low + Number.EPSILON, ...estimates.map((estimate) => estimate.high))];
}

const WIDTH = 120;
const HEIGHT = 10;

/** The figure, and below it a line over its interval on the scale of its column, which begins at 0 or below. */
function cell(
  estimate: Estimate | undefined,
  { unit }: ClaimColumn,
  [low, high]: Range,
  kind: ClaimRow["kind"],
): Markup {
  if (estimate === undefined) return html`<td class="number">–</td>`;
  const x = (value: number): string => (3 + ((value - low) / (high - low)) * (WIDTH - 6)).toFixed(1);
  const zero = html`<line class="axis" x1="${x(0)}" x2="${x(0)}" y1="0" y2="${HEIGHT}" />`;
  return html`<td class="number">
    ${showEstimate(estimate, unit)}
    <svg
      class="whisker ${kind}"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      width="${WIDTH}"
      height="${HEIGHT}"
      aria-hidden="true"
    >
      ${zero}
      <line class="interval" x1="${x(estimate.low)}" x2="${x(estimate.high)}" y1="5" y2="5" />
      <circle cx="${x(estimate.value)}" cy="5" r="3" />
    </svg>
  </td>`;
}

const CLAIMS = `.claims { display: grid; gap: 20px; margin-top: 22px; }
.claim { border-left-width: 4px; } .claim.held { border-left-color: var(--attention); } .claim.open { border-left-color: var(--mlp); }
.claim h2 { margin-bottom: 8px; }
.claim.held .verdict { color: var(--attention); } .claim.open .verdict { color: var(--mlp); }
.small { font-size: .8125rem; color: var(--soft); max-width: 70em; }
.figures { margin-top: 14px; } .figures caption { text-align: left; font-weight: 600; font-size: .875rem; padding-bottom: 4px; }
.figures td.number { width: auto; font-size: .875rem; } .figures tr.method th { font-weight: 650; }
.figures tr.control th { color: var(--soft); }
.whisker { display: block; margin-left: auto; }
.whisker .interval { stroke: var(--soft); stroke-width: 2; } .whisker circle { fill: var(--soft); }
.whisker.method .interval { stroke: var(--accent); } .whisker.method circle { fill: var(--accent); }
`;
