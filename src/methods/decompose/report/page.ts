/** The whole report: one HTML file that needs nothing but itself, and that may run nothing but its own script. */
import { createHash } from "node:crypto";
import { RAMP } from "./charts.js";
import { html, Markup } from "./markup.js";
import { SCRIPT } from "./script.js";
import { STYLE } from "./style.js";

export interface ReportFacts {
  readonly model: string;
  readonly layers: number;
  readonly heads: number;
  /** Whether the heads are those of one attention that pools the tokens. */
  readonly pooled?: boolean;
  /** Whether the model judges each text by itself, not among the others. */
  readonly judgedAlone?: boolean;
  /** On each side. */
  readonly grid: number;
  readonly patchSize: number;
  readonly texts: readonly string[];
  /** Pictures decomposed; the report may show fewer. */
  readonly pictures: number;
  /** What the model's words are not worth. */
  readonly caveat: string | undefined;
  /** How the results came about, as names and values. */
  readonly provenance: readonly (readonly [name: string, value: string])[];
  readonly command: string;
}

/** Puts the report together; `sections` are those of `pictureSection`. */
export function reportPage(facts: ReportFacts, sections: readonly Markup[]): string {
  const { model, texts, pictures, caveat } = facts;
  const hidden = pictures - sections.length;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'"
        />
        <title>What each part of ${model} said</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${RAMP}
        <header>
          <h1>What each part of <bdi>${model}</bdi> said</h1>
          <p class="lead">
            A model’s answer about a picture, taken apart exactly: how much every head, layer and patch added to the
            similarity with each text.
          </p>
          ${caveat === undefined ? undefined : html`<p class="notice">${caveat}</p>`} ${guide(facts)}
          ${texts.length > 1 ? VIEW_SWITCH : undefined}
        </header>
        <main>
          ${sections}
          ${hidden > 0 ? html`<p class="lead">${hidden} more pictures are in decomposition.safetensors.</p>` : undefined}
        </main>
        <footer>
          <dl>
            ${facts.provenance.map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd>${value}</dd>`,
            )}
            <dt>command</dt>
            <dd><code>${facts.command}</code></dd>
          </dl>
        </footer>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `.text;
}

function guide({ layers, heads, pooled, judgedAlone, grid, patchSize, texts }: ReportFacts): Markup | undefined {
  if (texts.length === 0) return undefined;
  const against =
    texts.length > 1
      ? html`<li>
          <b>Against the other texts</b> means less the mean of the other texts: what raises all texts alike cancels
          out, and the parts add up to the lead. <b>Alone</b>, they add up to the cosine.
        </li>`
      : undefined;
  return html`<details class="guide" open>
    <summary>How to read this</summary>
    <ul>
      <li>
        A contribution is a part of the cosine similarity between picture and text.
        <span class="swatch for">Red</span> speaks for the text, <span class="swatch against">blue</span> against it.
        ${
          pooled
            ? `All ${heads} heads of the attention that pools the tokens, and what its MLP adds to them, add up to the whole. The MLP’s part is a remainder: it belongs to no head and no patch. The blocks before are not told apart.`
            : `All ${layers} × ${heads} heads, the ${layers} MLPs and the start of the stream add up to the whole.`
        }
      </li>
      ${against}
      <li>
        The model reads the picture as ${grid} × ${grid} patches of ${patchSize} × ${patchSize} pixels, ${grid * grid}
        numbers for each map; the smoothness between them is interpolation.
      </li>
      <li>
        Within one picture all texts share one colour scale, so they compare; between pictures scales differ. A map
        shows where attention’s contribution came from; by the later layers a patch also carries what it gathered from
        other patches.
      </li>
      <li>
        In the squares, layers go down and heads across. Point at a square or a bar for its value, or move to the
        drawing with the Tab key and then with the arrow keys; all values are also in the tables.
      </li>
      ${judgedAlone ? html`<li>Each probability is of one text by itself: they need not add up to 1.</li>` : undefined}
      ${texts.length > 1 && !judgedAlone ? html`<li>Probabilities compare the given texts with each other and with nothing else.</li>` : undefined}
    </ul>
  </details>`;
}

const VIEW_SWITCH = html`<fieldset class="view">
  <legend>Show contributions</legend>
  <label><input type="radio" name="view" id="view-against" checked /> against the other texts</label
  ><label><input type="radio" name="view" id="view-alone" /> alone</label>
</fieldset>`;

/** Their content is hashed: not a blank may be added to it. */
const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = new Markup(`<script>${SCRIPT}</script>`);

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;
