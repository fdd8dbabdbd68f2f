/** Figures with intervals over a few steps, as one SVG without links to anywhere, readable on light and dark pages. */
import { escaped, round } from "../../../engine/media/svg.js";
import type { Estimate } from "../../../engine/tensor/bootstrap.js";
import { linearAxis } from "../../../engine/train/axis.js";

export interface LineFigure {
  readonly title: string;
  /** Two lines below the title: what was measured, and what the bands are. */
  readonly notes: readonly [string, string];
  /** Below each step. */
  readonly steps: readonly string[];
  /** What the steps count. */
  readonly unit: string;
  readonly lines: readonly FigureLine[];
  /** Levels to compare with. */
  readonly levels: readonly { readonly name: string; readonly value: number }[];
}

export interface FigureLine {
  readonly name: string;
  readonly kind: "method" | "control";
  /** Shares from 0 to 1, one for each step. */
  readonly points: readonly Estimate[];
}

const [WIDTH, HEIGHT] = [960, 510];
const FRAME = { left: 70, right: 210, top: 90, bottom: 62 };
/** Between labels at the right, so that none lies on another. */
const LABEL_GAP = 17;

export function lineFigure({ title, notes, steps, unit, lines, levels }: LineFigure): string {
  const right = WIDTH - FRAME.right;
  const bottom = HEIGHT - FRAME.bottom;
  const y = linearAxis(0, 100, bottom, FRAME.top);
  const place = (share: number): number => y.place(100 * share);
  const x = (step: number): number => FRAME.left + ((step + 0.5) / steps.length) * (right - FRAME.left);
  const grid = y.ticks.map(
    ({ at, label }) =>
      `<path class="grid" d="M${FRAME.left} ${round(at)}H${right}"/><text class="soft row" x="${FRAME.left - 10}" y="${round(at + 4)}">${label}%</text>`,
  );
  // Labels of more steps than fit would lie on one another.
  const every = Math.ceil(steps.length / 12);
  const marks = steps.map((step, i) =>
    i % every === 0 ? `<text class="soft column" x="${round(x(i))}" y="${bottom + 20}">${escaped(step)}</text>` : "",
  );
  const drawn = lines.map(({ kind, points }, i) => {
    const path = (pick: (point: Estimate) => number, list = [...points.keys()]): string =>
      list.map((step) => `${round(x(step))},${round(place(pick(points[step]!)))}`).join(" ");
    const backwards = [...points.keys()].reverse();
    const band = `<polygon class="band ${shade(kind, i)}" points="${path(({ high }) => high)} ${path(({ low }) => low, backwards)}"/>`;
    const dots = points.map(
      ({ value }, step) =>
        `<circle class="dot ${shade(kind, i)}" cx="${round(x(step))}" cy="${round(place(value))}" r="3.5"><title>${(100 * value).toFixed(1)}%</title></circle>`,
    );
    return `${band}<polyline class="line ${shade(kind, i)}" points="${path(({ value }) => value)}"/>${dots.join("")}`;
  });
  const flat = levels.map(({ value }) => `<path class="level" d="M${FRAME.left} ${round(place(value))}H${right}"/>`);
  const labels = apart([
    ...lines.map(({ name, kind, points }, i) => ({ name, at: place(points.at(-1)!.value), style: shade(kind, i) })),
    ...levels.map(({ name, value }) => ({ name, at: place(value), style: "soft" })),
  ]).map(
    ({ name, at, style }) =>
      `<text class="label ${style}" x="${right + 10}" y="${round(at + 4)}">${escaped(name)}</text>`,
  );
  const name = escaped(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${name}">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>
<text class="title" x="${FRAME.left}" y="32">${name}</text>
${notes.map((note, i) => `<text class="soft" x="${FRAME.left}" y="${52 + 18 * i}">${escaped(note)}</text>`).join("\n")}
${[...grid, `<path class="axis" d="M${FRAME.left} ${bottom}H${right}"/>`, ...marks, ...flat, ...drawn, ...labels].join("\n")}
<text class="soft column" x="${(FRAME.left + right) / 2}" y="${bottom + 44}">${escaped(unit)}</text>
</svg>
`;
}

const shade = (kind: FigureLine["kind"], line: number): string => (kind === "method" ? "method" : `control${line % 2}`);

/** Moves labels apart where they would lie on one another, the upper ones up. */
function apart<Label extends { readonly at: number }>(labels: readonly Label[]): Label[] {
  const sorted = [...labels].sort((a, b) => a.at - b.at);
  let least = -Infinity;
  const placed = sorted.map((label) => {
    const at = Math.max(label.at, least);
    least = at + LABEL_GAP;
    return { ...label, at };
  });
  let most = HEIGHT - FRAME.bottom;
  for (let i = placed.length - 1; i >= 0; i--) {
    const at = Math.min(placed[i]!.at, most);
    placed[i] = { ...placed[i]!, at };
    most = at - LABEL_GAP;
  }
  return placed;
}

// Colours are written out: viewers other than browsers know no CSS variables.
const STYLE = `
svg{font:13px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
.page{fill:#fff}.title{font-size:17px;font-weight:600;fill:#1c2230}.soft{fill:#5d6678}
.row{text-anchor:end}.column{text-anchor:middle}.label{font-weight:600}
.grid{stroke:#e3e7ef;stroke-width:1}.axis{stroke:#9aa3b3;stroke-width:1}.level{stroke:#5d6678;stroke-width:1.5;stroke-dasharray:5 4}
.line{fill:none;stroke-width:2.5;stroke-linejoin:round}.band{stroke:none;opacity:.18}.dot{stroke:#fff;stroke-width:1.5}
.line.method{stroke:#1f5fd6}.band.method,.dot.method,.label.method{fill:#1f5fd6}
.line.control0{stroke:#b4530a}.band.control0,.dot.control0,.label.control0{fill:#b4530a}
.line.control1{stroke:#8a4fb5}.band.control1,.dot.control1,.label.control1{fill:#8a4fb5}
@media (prefers-color-scheme:dark){
.page{fill:#12161e}.title{fill:#e8ecf4}.soft{fill:#9aa5b8}.grid{stroke:#262d3a}.axis{stroke:#5d6678}.level{stroke:#9aa5b8}.dot{stroke:#12161e}
.line.method{stroke:#7fb0ff}.band.method,.dot.method,.label.method{fill:#7fb0ff}
.line.control0{stroke:#ffa25c}.band.control0,.dot.control0,.label.control0{fill:#ffa25c}
.line.control1{stroke:#cf9bf2}.band.control1,.dot.control1,.label.control1{fill:#cf9bf2}}`;
