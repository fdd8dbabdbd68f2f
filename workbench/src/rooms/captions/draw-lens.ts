/** The lens's words as vectors, for export. */
import { type ColourScale, colourOf, css, inkOn } from "../../panels/colour.js";
import { type Drawing, LEGEND, legendMarks } from "../../panels/drawing.js";
import { escaped } from "../../panels/library.js";
import type { LensWord } from "./view.js";

const CELL = { width: 76, height: 34 };

export function drawLens(words: readonly LensWord[], grid: number, scale: ColourScale, valueName: string): Drawing {
  const cells = words.map(({ word, probability }, patch) => {
    const ground = colourOf(scale, probability, false);
    const [x, y] = [(patch % grid) * CELL.width, Math.floor(patch / grid) * CELL.height];
    const box = `<rect x="${x}" y="${y}" width="${CELL.width - 1}" height="${CELL.height - 1}" fill="${css(ground)}"/>`;
    const middle = `x="${x + CELL.width / 2}" y="${y + CELL.height / 2 + 4}"`;
    return `${box}<text class="middle" ${middle} style="fill:${css(inkOn(ground))}">${escaped(word)}</text>`;
  });
  const height = CELL.height * grid + 16;
  return {
    width: Math.max(CELL.width * grid, LEGEND.width),
    height: height + LEGEND.height,
    body: `${cells.join("")}<g transform="translate(0 ${height})">${legendMarks(scale, valueName)}</g>`,
  };
}
