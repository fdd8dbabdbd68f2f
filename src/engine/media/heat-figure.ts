/**
 * A grid of signed numbers as a picture, or several on one scale: one SVG without links to anywhere, for pages and slides,
 * light and dark. Colours are of a diverging map whose neutral middle is 0.
 */
import { UsageError } from "../errors.js";
import type { DivergingMap } from "./colour-maps.js";
import {
  BAR,
  CHARACTER,
  colourBar,
  type HeatAxes,
  type HeatPanel,
  longest,
  type PanelLayout,
  panelMarkup,
} from "./heat-panel.js";
import { escaped, round } from "./svg.js";

export interface HeatFigure extends HeatAxes {
  readonly title: string;
  /** Smaller, below the title; a line each. */
  readonly notes?: readonly string[];
  readonly panels: readonly HeatPanel[];
  /** What the numbers are. */
  readonly scale: string;
  /** Value at the ends of the colour map; by default, the largest magnitude of all panels. */
  readonly reach?: number;
  /** Default "blue-red". */
  readonly map?: DivergingMap;
}

/** Room for the cells of a panel, and the sizes between which cells stay. */
const ROOM = { width: 620, height: 380 };
const CELL = { least: 7, most: 44 };
/** No cell is longer one way than this many times the other. */
const LONGEST = 3;
/** Panels stand side by side as far as this goes, else below one another. */
const SIDE_BY_SIDE = 1200;
const NARROWEST_PANEL = 190;
const MARGIN = 28;
const GAP = 34;
const SHORTEST_BAR = 110;
/** More cells than this say nothing when pointed at: the file would grow by half. */
const TOLD = 4000;
const TITLE = { size: 16, kind: "title", character: 0.6 };
const NOTE = { size: 12, kind: "note", character: 0.54 };

/** Throws {@link UsageError} for panels that do not fill the grid, and for a `reach` that is not above 0. */
export function heatFigure(figure: HeatFigure): string {
  check(figure);
  const { title, notes = [], panels, scale, map = "blue-red", rows, columns } = figure;
  const reach = figure.reach ?? (largest(panels) || 1);
  const heat = { reach, map, told: panels.length * rows.length * columns.length <= TOLD };
  const layout = layoutOf(figure);
  const width = Math.max(layout.left + layout.grid.width, NARROWEST_PANEL);
  const height = layout.top + layout.grid.height + layout.bottom;
  const across = Math.min(panels.length, Math.max(1, Math.floor((SIDE_BY_SIDE + GAP) / (width + GAP))));
  const inner = across * (width + GAP);
  const whole = Math.ceil(2 * MARGIN + inner + BAR.room);

  const header = headerOf(title, notes, whole - 2 * MARGIN);
  const places = panels.map((_, i) => ({
    x: MARGIN + (i % across) * (width + GAP),
    y: header.end + Math.floor(i / across) * (height + GAP / 2),
  }));
  const drawn = panels.map((panel, i) => panelMarkup(panel, places[i]!, figure, layout, heat));
  const bar = { x: MARGIN + inner, y: header.end + layout.top };
  const barHeight = Math.max(SHORTEST_BAR, layout.grid.height);
  const end = Math.max(places.at(-1)!.y + height, bar.y + barHeight) + MARGIN;
  const body = [...header.lines, ...drawn, colourBar(bar, barHeight, scale, heat)];
  return frame(title, whole, Math.ceil(end), body.join("\n"));
}

function check({ panels, rows, columns, reach = 1 }: HeatFigure): void {
  const cells = rows.length * columns.length;
  const odd = panels.find(({ values }) => values.length !== cells);
  if (panels.length > 0 && cells > 0 && odd === undefined && reach > 0 && Number.isFinite(reach)) return;
  const found = `${odd?.values.length ?? cells} values for ${rows.length} × ${columns.length} cells`;
  throw new UsageError({
    what: "no figure can be drawn of this",
    got: `${panels.length} panels, ${found}, reach ${reach}`,
    expected: "at least one panel, a value for each row and column, and a reach above 0",
  });
}

function largest(panels: readonly HeatPanel[]): number {
  let most = 0;
  for (const { values } of panels) {
    for (const value of Array.from(values)) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  }
  return most;
}

function layoutOf({ rows, columns }: HeatAxes): PanelLayout {
  const fit = (room: number, count: number): number =>
    Math.max(CELL.least, Math.min(CELL.most, Math.floor(room / count)));
  const [wide, high] = [fit(ROOM.width, columns.length), fit(ROOM.height, rows.length)];
  const cell = { width: Math.min(wide, LONGEST * high), height: Math.min(high, LONGEST * wide) };
  // Numbers in order can be left out; words have to stand there, if need be at a slant.
  const slanted = columns.some((name) => !/^\d+$/.test(name) && name.length * CHARACTER > cell.width - 2);
  return {
    cell,
    grid: { width: cell.width * columns.length, height: cell.height * rows.length },
    left: 30 + longest(rows) * CHARACTER,
    top: 26,
    bottom: slanted ? 32 + longest(columns) * CHARACTER * Math.SQRT1_2 : 40,
    slanted,
  };
}

/** Title and notes, broken into lines that fit into `width`; `end` is where what follows starts. */
function headerOf(title: string, notes: readonly string[], width: number): { lines: string[]; end: number } {
  let y = MARGIN - 8;
  const lines = [{ text: title, type: TITLE }, ...notes.map((text) => ({ text, type: NOTE }))].flatMap(
    ({ text, type }) => {
      const most = Math.max(24, Math.floor(width / (type.size * type.character)));
      return broken(text, most).map((line) => {
        y += type.size * 1.5;
        return `<text class="${type.kind}" x="${MARGIN}" y="${round(y)}">${escaped(line)}</text>`;
      });
    },
  );
  return { lines, end: y + 18 };
}

function broken(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

// Colours are written out: viewers other than browsers know no CSS variables.
const STYLE = `
svg{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
.page{fill:#fff}.title{font-size:16px;font-weight:600;fill:#1c2230}.panel{font-size:13px;font-weight:600;fill:#1c2230}
.note{fill:#5d6678}.soft{fill:#5d6678;font-size:11px}.axis{fill:#1c2230;text-anchor:middle}.end{text-anchor:end}
.middle,.number{text-anchor:middle}.number{font-size:10px}.cell{shape-rendering:crispEdges}
.outline{fill:none}.outline,.tick{stroke:#9aa3b3;stroke-width:1}
@media (prefers-color-scheme:dark){
.page{fill:#12161e}.title,.panel,.axis{fill:#e8ecf4}.soft,.note{fill:#9aa5b8}.outline,.tick{stroke:#5d6678}}`;

function frame(title: string, width: number, height: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}</style>
<rect class="page" width="${width}" height="${height}"/>
${body}
</svg>
`;
}
