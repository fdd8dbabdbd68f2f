/** The page of `vitrine heads`: every head's texts, and the pictures furthest along them. One file that runs nothing. */
import { pageFrame } from "./frame.js";
import { html, type Markup } from "./markup.js";

export interface HeadsPageFacts {
  readonly model: string;
  readonly caveat: string | undefined;
  readonly pictures: string;
  readonly pool: string;
  readonly version: string;
}

export interface PicturedHead {
  readonly layer: number;
  readonly head: number;
  /** What it is about, and how many texts say so. */
  readonly label: string | undefined;
  readonly texts: readonly {
    readonly text: string;
    /** With the texts before it. */
    readonly explained: number;
    readonly pictures: readonly { readonly name: string; readonly url: string }[];
  }[];
}

/** Texts of a head that are listed beside those with pictures. */
const TEXTS = 8;

export function headsPage(facts: HeadsPageFacts, heads: readonly PicturedHead[]): string {
  const { model, caveat, pictures, pool, version } = facts;
  return pageFrame({
    title: html`What the heads of <bdi>${model}</bdi> say`,
    lead: `For each attention head, the texts that span what it wrote about a set of pictures (TextSpan), in the order
      found, with the share of its variance that they explain together; and the pictures in which it went furthest
      along the first ones.`,
    caveat,
    body: html`<div class="texts">${heads.map(section)}</div>`,
    facts: { pictures, texts: pool, Vitrine: version },
    style: STRIP,
  });
}

function section({ layer, head, label, texts }: PicturedHead): Markup {
  return html`<section class="text">
    <h2>Layer ${layer}, head ${head}</h2>
    ${label === undefined ? undefined : html`<p class="sum">${label}</p>`}
    <table class="scores">
      <thead>
        <tr>
          <th>text</th>
          <th class="number">explained</th>
        </tr>
      </thead>
      <tbody>
        ${texts.slice(0, TEXTS).map(
          ({ text, explained, pictures }) =>
            html`<tr>
                <th scope="row">${text}</th>
                <td class="number">${(100 * explained).toFixed(1)} %</td>
              </tr>
              ${strip(pictures)}`,
        )}
      </tbody>
    </table>
  </section>`;
}

function strip(pictures: PicturedHead["texts"][number]["pictures"]): Markup | undefined {
  if (pictures.length === 0) return undefined;
  return html`<tr>
    <td colspan="2">
      <div class="strip">
        ${pictures.map(({ name, url }) => html`<img src="${url}" alt="${name}" title="${name}" />`)}
      </div>
    </td>
  </tr>`;
}

const STRIP = `.strip { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 4px; }
`;
