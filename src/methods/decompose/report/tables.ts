/** The drawings' numbers as tables, for those who do not see the drawings or want the figures. */
import { attentionByLayer, type Parts } from "./findings.js";
import { html, type Markup } from "./markup.js";
import { decimalsFor, largestMagnitude, signed } from "./numbers.js";

/** Every head, and each layer's sums, for one text. */
export function partsTable(parts: Parts, caption: string): Markup {
  const decimals = decimalsFor(largestMagnitude(parts.heads) || 1);
  const show = (value: number): string => signed(value, decimals);
  const layers = parts.mlps.length - 1;
  const perLayer = parts.heads.length / layers;
  const attention = attentionByLayer(parts);
  const names = Array.from({ length: perLayer }, (_, h) => html`<th scope="col">head ${h}</th>`);
  const rows = Array.from(attention, (sum, l) => {
    const cells = Array.from(
      parts.heads.subarray(l * perLayer, (l + 1) * perLayer),
      (value) => html`<td>${show(value)}</td>`,
    );
    return html`<tr>
      <th scope="row">${l}</th>
      ${cells}
      <td>${show(sum)}</td>
      <td>${show(parts.mlps[l + 1]!)}</td>
    </tr>`;
  });
  return html`<details>
    <summary>All numbers</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <table class="numbers">
        <caption>
          ${caption}. Start of the stream ${show(parts.mlps[0]!)}; everything together ${show(parts.total)}.
        </caption>
        <thead>
          <tr>
            <th scope="col">layer</th>
            ${names}
            <th scope="col">attention</th>
            <th scope="col">MLP</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}
