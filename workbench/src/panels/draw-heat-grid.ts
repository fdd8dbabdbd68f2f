/** A heat grid as vectors, for export. */
import { type ColourScale, colourOf, css, inkOn } from "./colour.js";
import { type Drawing, LEGEND, legendMarks, tenths, textRoom } from "./drawing.js";
import { escaped } from "./library.js";
import { alike } from "./numbers.js";

export interface HeatGridFigure {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowAxis: string;
  readonly columnAxis: string;
  readonly values: ArrayLike<number>;
  readonly valueName: string;
  readonly scale: ColourScale;
  readonly disabled?: ReadonlySet<number> | undefined;
}

const CELL_HEIGHT = 26;
const AXIS = 20;

export function drawHeatGrid(figure: HeatGridFigure): Drawing {
  const { rows, columns, rowAxis, columnAxis, values, valueName, scale, disabled } = figure;
  const cell = Math.max(24, Math.min(52, Math.floor(720 / columns.length)));
  const upright = textRoom(columns) > cell - 2;
  const left = AXIS + textRoom(rows) + 8;
  const [width, height] = [cell * columns.length, CELL_HEIGHT * rows.length];
  const below = (upright ? textRoom(columns) : 12) + 12;
  const shown = alike(Math.max(Math.abs(scale.min), Math.abs(scale.max)), 2);

  const marks = Array.from(values, (value, i) => {
    const ground = colourOf(scale, value, false);
    const [x, y] = [(i % columns.length) * cell, Math.floor(i / columns.length) * CELL_HEIGHT];
    const box = `<rect x="${x}" y="${y}" width="${cell - 1}" height="${CELL_HEIGHT - 1}" fill="${css(ground)}"/>`;
    const ink = css(inkOn(ground));
    if (disabled?.has(i)) {
      const [right, bottom] = [x + cell - 1, y + CELL_HEIGHT - 1];
      return `${box}<path d="M${x} ${y}L${right} ${bottom}M${right} ${y}L${x} ${bottom}" stroke="${ink}"/>`;
    }
    if (cell < 40) return box;
    return `${box}<text class="number middle" x="${x + cell / 2}" y="${y + 17}" style="fill:${ink}">${shown(value)}</text>`;
  });
  const rowNames = rows.map((name, i) => {
    return `<text class="soft end" x="-6" y="${(i + 0.5) * CELL_HEIGHT + 4}">${escaped(name)}</text>`;
  });
  const columnNames = columns.map((name, i) => {
    const x = (i + 0.5) * cell;
    return upright
      ? `<text class="soft end" transform="translate(${x + 4} ${height + 6}) rotate(-90)">${escaped(name)}</text>`
      : `<text class="soft middle" x="${x}" y="${height + 14}">${escaped(name)}</text>`;
  });
  const axes =
    `<text class="middle" transform="translate(${12 - left} ${height / 2}) rotate(-90)">${escaped(rowAxis)}</text>` +
    `<text class="middle" x="${width / 2}" y="${height + below + 10}">${escaped(columnAxis)}</text>`;
  const legend = `<g transform="translate(0 ${height + below + 24})">${legendMarks(scale, valueName)}</g>`;
  return {
    width: tenths(left + Math.max(width, LEGEND.width)),
    height: height + below + 24 + LEGEND.height,
    body: `<g transform="translate(${left} 0)">${[...marks, ...rowNames, ...columnNames].join("")}${axes}${legend}</g>`,
  };
}
