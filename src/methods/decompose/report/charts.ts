/** The report's drawings: inline SVG, coloured by its style sheet. Marks carry what they say in `data-says`, for the script. */
import { html, type Markup } from "./markup.js";
import { decimalsFor, largestMagnitude, signed } from "./numbers.js";

/** One value of a drawing. */
interface Mark {
  readonly value: number;
  /** Which value it is, in words. */
  readonly what: string;
  readonly kind: "for" | "against" | "attention" | "mlp";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly opacity?: number;
}

interface Drawing {
  /** What the whole shows, for those who hear it. */
  readonly label: string;
  /** Marks in a row: what the arrow keys up and down move by. */
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
  /** Largest magnitude that the scale has room for. */
  readonly reach: number;
  readonly behind: Markup;
}

/** Layers (rows) × heads (columns), coloured by sign, opaque at `reach`. `label` names the whole. */
export function headGrid(heads: Float32Array, layers: number, reach: number, label: string): Markup {
  const perLayer = heads.length / layers;
  const cell = Math.max(12, Math.min(40, Math.floor(300 / perLayer)));
  const [left, top, gap] = [22, 16, 1.5];
  const marks = Array.from(heads, (value, i): Mark => {
    const [layer, head] = [Math.floor(i / perLayer), i % perLayer];
    return {
      value,
      what: `layer ${layer}, head ${head}`,
      kind: value < 0 ? "against" : "for",
      x: left + head * cell + gap / 2,
      y: top + layer * cell + gap / 2,
      width: cell - gap,
      height: cell - gap,
      opacity: Math.min(1, Math.abs(value) / reach),
    };
  });
  const step = cell < 18 ? 2 : 1;
  const rowNames = ticks(layers, step).map((l) => tick(left - 5, top + (l + 0.5) * cell + 3.5, l, "end"));
  const columnNames = ticks(perLayer, step).map((h) => tick(left + (h + 0.5) * cell, top - 5, h));
  const [width, height] = [perLayer * cell, layers * cell];
  const plate = html`<rect class="plate" x="${left}" y="${top}" width="${width}" height="${height}" />`;
  const behind = html`${plate}${rowNames}${columnNames}`;
  return explorable({ label, columns: perLayer, width: left + width, height: top + height, marks, reach, behind });
}

/** For each layer what its attention and its MLP add; the stream's start comes before them. Bars end at `reach`. */
export function layerBars(attention: Float32Array, mlps: Float32Array, reach: number, label: string): Markup {
  const slot = Math.max(12, Math.min(40, Math.floor(320 / mlps.length)));
  const [half, foot] = [46, 16];
  const thick = (slot - 4) / 2;
  const bar = (kind: "attention" | "mlp", column: number, lane: number, value: number, what: string): Mark => {
    const height = Math.max(0.5, Math.min(1, Math.abs(value) / reach) * half);
    const x = column * slot + 2 + lane * thick;
    return { kind, value, what, x, y: value < 0 ? half : half - height, width: thick - 0.5, height };
  };
  const pairs = Array.from(attention, (value, l) => [
    bar("attention", l + 1, 0, value, `layer ${l}, attention`),
    bar("mlp", l + 1, 1, mlps[l + 1]!, `layer ${l}, MLP`),
  ]);
  const marks = [bar("mlp", 0, 0.5, mlps[0]!, "start of the stream"), ...pairs.flat()];
  const [width, height] = [mlps.length * slot, half * 2 + foot];
  const names = ticks(attention.length, slot < 18 ? 2 : 1).map((l) => tick((l + 1.5) * slot, height - 3, l));
  const axis = html`<line class="axis" x1="0" x2="${width}" y1="${half}" y2="${half}" />`;
  const behind = html`${axis}${tick(slot / 2, height - 3, "s")}${names}`;
  return explorable({ label, columns: 1, width, height, marks, reach, behind });
}

/** A bar for a share from 0 to 1. */
export function shareBar(share: number): Markup {
  return html`<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="trough" width="100" height="8" />
    <rect class="fill" width="${rounded(share * 100)}" height="8" />
  </svg>`;
}

/** What the colours of `what` mean: one scale from −`reach` to +`reach`. */
export function colourKey(reach: number, what: string): Markup {
  return html`<span class="key">
    <span>${what}</span>
    <span class="end">${signed(-reach, decimalsFor(reach))}</span>
    <svg class="ramp" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="8" fill="url(#ramp)" />
    </svg>
    <span class="end">${signed(reach, decimalsFor(reach))}</span>
  </span>`;
}

/** What the bars of {@link layerBars} mean. */
export function barKey(reach: number): Markup {
  return html`<span class="key">
    <span>layers</span>
    <span><span class="dot attention"></span>attention</span>
    <span><span class="dot mlp"></span>MLP (s: start of the stream)</span>
    <span>full height ${reach.toFixed(decimalsFor(reach))}</span>
  </span>`;
}

/** The gradient that every {@link colourKey} refers to; once in a page. */
export const RAMP = html`<svg class="defs" width="0" height="0" aria-hidden="true">
  <defs>
    <linearGradient id="ramp">
      <stop class="ramp-against" offset="0" />
      <stop class="ramp-middle" offset=".5" />
      <stop class="ramp-for" offset="1" />
    </linearGradient>
  </defs>
</svg>`;

/** The largest magnitude as the end of a scale, never 0. */
export function reachOf(lists: readonly ArrayLike<number>[]): number {
  return largestMagnitude(...lists) || 1;
}

function explorable({ label, columns, width, height, marks, reach, behind }: Drawing): Markup {
  const says = ({ what, value }: Mark): string => `${what}: ${signed(value, decimalsFor(reach))}`;
  const strongest = marks.reduce((a, b) => (Math.abs(b.value) > Math.abs(a.value) ? b : a));
  const rest = `strongest: ${says(strongest)}`;
  const shapes = marks.map((mark) => {
    const opacity = mark.opacity === undefined ? undefined : html` fill-opacity="${rounded(mark.opacity)}"`;
    const place = html`x="${rounded(mark.x)}" y="${rounded(mark.y)}"`;
    const size = html`width="${rounded(mark.width)}" height="${rounded(mark.height)}"`;
    return html`<rect class="mark ${mark.kind}" ${place} ${size}${opacity} data-says="${says(mark)}" />`;
  });
  return html`<div class="chart" tabindex="0" role="group" aria-label="${label}" data-columns="${columns}">
      <svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="presentation">
        ${behind}${shapes}
      </svg>
    </div>
    <p class="says" aria-live="polite" data-rest="${rest}">${rest}</p>`;
}

function tick(x: number, y: number, name: number | string, anchor: "middle" | "end" = "middle"): Markup {
  return html`<text class="tick" x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}">${name}</text>`;
}

const ticks = (count: number, step: number): number[] =>
  Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
const rounded = (value: number): number => Number(value.toFixed(3));
