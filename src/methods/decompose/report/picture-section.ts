/** The part of the report about one picture. */
import type { RgbImage } from "../../../engine/media/image.js";
import type { RankedHead } from "../attribution.js";
import { barKey, colourKey, headGrid, layerBars, reachOf, shareBar } from "./charts.js";
import {
  attentionByLayer,
  decisive,
  type Parts,
  type PictureFindings,
  ranking,
  type TextFindings,
} from "./findings.js";
import { dataAddress, heatMap } from "./heat-maps.js";
import { html, type Markup } from "./markup.js";
import { headName, percent, plain, signed } from "./numbers.js";
import { partsTable } from "./tables.js";

export interface HeadMap extends RankedHead {
  /** [1+P], like `Parts.tokens`. */
  readonly tokens: Float32Array;
}

export interface ReportedPicture {
  readonly name: string;
  readonly seen: RgbImage;
  readonly findings: PictureFindings;
  /** The heads that did most for the best text. */
  readonly topHeads: readonly HeadMap[];
}

/** More texts than these, by descending cosine, are scored but not drawn. */
const TEXTS_DRAWN = 6;

/** Which parts are shown: of the cosine, or of its lead over the other texts. The page has a switch. */
type View = "alone" | "against";

/** Where the colour scales and bars of one picture end, the same for all its texts. */
interface Reach {
  readonly heads: number;
  readonly patches: number;
  readonly layers: number;
}

export async function pictureSection(picture: ReportedPicture, texts: readonly string[]): Promise<Markup> {
  const { name, seen, findings } = picture;
  const order = ranking(findings);
  const drawn = order.slice(0, TEXTS_DRAWN);
  const views: readonly View[] = texts.length < 2 ? ["alone"] : ["against", "alone"];
  const panels = await Promise.all(views.map((view) => viewPanel(view, picture, texts, drawn)));
  const undrawn = order.length - drawn.length;
  return html`<section class="picture">
    <h2><bdi>${name}</bdi></h2>
    <div class="overview">
      <figure>
        <img src="${await dataAddress(seen)}" width="${seen.width}" height="${seen.height}" alt="${name}" />
        <figcaption>as the model saw it (${seen.width} × ${seen.height})</figcaption>
      </figure>
      ${order.length > 0 ? scores(findings, texts, order) : normBars(findings)}
    </div>
    ${panels}
    ${undrawn > 0 ? html`<p class="lead">${undrawn} more texts are scored above but not drawn.</p>` : undefined}
    ${order.length > 0 ? await topHeads(picture, texts[order[0]!]!) : undefined}
  </section>`;
}

function scores({ texts: found }: PictureFindings, texts: readonly string[], order: readonly number[]): Markup {
  // Of a single text the probability says nothing: it is 1.
  const compared = order.length > 1;
  const rows = order.map((t, rank) => {
    const { cosine, probability } = found[t]!;
    const share = html`<td class="bar">${shareBar(probability)}</td>
      <td class="number">${percent(probability)}</td>`;
    return html`<tr class="${rank === 0 ? "best" : "other"}">
      <th scope="row"><bdi>${texts[t]}</bdi></th>
      ${compared ? share : undefined}
      <td class="number">${plain(cosine)}</td>
    </tr>`;
  });
  const shareNames = html`<th scope="col" class="bar"></th>
    <th scope="col" class="number">probability</th>`;
  return html`<table class="scores">
    <thead>
      <tr>
        <th scope="col">text</th>
        ${compared ? shareNames : undefined}
        <th scope="col" class="number">cosine</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function normBars({ norms }: PictureFindings): Markup {
  const reach = reachOf([norms.attention, norms.mlps]);
  const label = "Euclidean norm of what each layer adds to the normalised representation";
  return html`<figure>
    <h4>${label}</h4>
    ${layerBars(norms.attention, norms.mlps, reach, label)}
    <figcaption>${barKey(reach)}</figcaption>
  </figure>`;
}

async function viewPanel(
  view: View,
  { seen, findings }: ReportedPicture,
  texts: readonly string[],
  drawn: readonly number[],
): Promise<Markup | undefined> {
  if (drawn.length === 0) return undefined;
  const parts = drawn.map((t) => partsIn(view, findings.texts[t]!));
  const reach: Reach = {
    heads: reachOf(parts.map(({ heads }) => heads)),
    patches: reachOf(parts.map(({ tokens }) => tokens.subarray(1))),
    layers: reachOf(parts.flatMap((part) => [attentionByLayer(part), part.mlps])),
  };
  const cards = await Promise.all(drawn.map((t, i) => textCard(view, seen, texts[t]!, parts[i]!, reach)));
  const switched = findings.texts.length > 1 ? `${view}-view` : "only-view";
  return html`<div class="${switched}">
    <div class="keys">
      ${colourKey(reach.patches, "patches")}${colourKey(reach.heads, "heads")}${barKey(reach.layers)}
    </div>
    <div class="texts">${cards}</div>
  </div>`;
}

const partsIn = (view: View, text: TextFindings): Parts => (view === "against" ? decisive(text) : text.alone);

async function textCard(view: View, seen: RgbImage, text: string, parts: Parts, reach: Reach): Promise<Markup> {
  const layers = parts.mlps.length - 1;
  const attention = attentionByLayer(parts);
  const sum = view === "against" ? "lead over the others" : "cosine";
  const map = heatMap(seen, parts.tokens, reach.patches);
  return html`<article class="text">
    <h3><bdi>${text}</bdi></h3>
    <p class="sum">${sum} ${signed(parts.total)}</p>
    <figure>
      <img
        src="${await dataAddress(map)}"
        width="${seen.width}"
        height="${seen.height}"
        alt="Heat map for “${text}”: what each patch contributed through all heads"
      />
      <figcaption>
        Patches, through all heads of all layers: ${signed(parts.tokens.subarray(1).reduce((a, b) => a + b, 0))}. Not
        drawn: the part of tokens that are no patches, ${signed(parts.tokens[0]!)}.
      </figcaption>
    </figure>
    <figure>
      <h4>Heads</h4>
      ${headGrid(parts.heads, layers, reach.heads, `Contributions of all heads to the ${sum}, “${text}”`)}
    </figure>
    <figure>
      <h4>Layers</h4>
      ${layerBars(attention, parts.mlps, reach.layers, `Contributions of all layers to the ${sum}, “${text}”`)}
    </figure>
    ${partsTable(parts, `Parts of the ${sum}, “${text}”`)}
  </article>`;
}

async function topHeads({ seen, findings, topHeads }: ReportedPicture, best: string): Promise<Markup> {
  const against = findings.texts.length > 1 ? " against the other texts" : "";
  const reach = reachOf(topHeads.map(({ tokens }) => tokens.subarray(1)));
  const items = await Promise.all(
    topHeads.map(
      async (head) =>
        html`<li>
          <figure>
            <img
              src="${await dataAddress(heatMap(seen, head.tokens, reach))}"
              width="${seen.width}"
              height="${seen.height}"
              alt="Heat map of head ${headName(head)}"
            />
            <figcaption><b>${headName(head)}</b> ${signed(head.value)}</figcaption>
          </figure>
        </li>`,
    ),
  );
  return html`<div class="top">
    <h3>Heads that spoke most for “<bdi>${best}</bdi>”${against}</h3>
    <div class="keys">${colourKey(reach, "patches of one head")}</div>
    <ol class="heads">
      ${items}
    </ol>
  </div>`;
}
