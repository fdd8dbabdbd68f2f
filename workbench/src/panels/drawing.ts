/** Figures as vectors, for export: a drawing's own marks, framed with title, summary and provenance. Always on white. */
import { css, type ColourScale, colourOf } from "./colour.js";
import { escaped } from "./library.js";
import { alike } from "./numbers.js";

/** SVG elements from 0,0 to width,height. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

export interface Frame {
  readonly title: string;
  readonly summary: string;
  readonly provenance?: string | undefined;
}

const MARGIN = 24;
const NARROWEST = 420;
/** Width of a character, as part of its size, roughly: there is nobody to measure it. */
const CHARACTER = 0.54;
/** Of text with long hashes in it. */
const WIDE_CHARACTER = 0.62;
const INK = "#1b1e24";
const SOFT = "#5a606c";

const STYLE = `text{font:12px system-ui,"Segoe UI","Liberation Sans",Arial,sans-serif;fill:${INK}}.soft{fill:${SOFT}}.number{font-size:11px}.middle{text-anchor:middle}.end{text-anchor:end}`;

/** One SVG file, without links to anywhere. */
export function framed(drawing: Drawing, { title, summary, provenance }: Frame): string {
  const inner = Math.max(NARROWEST, drawing.width);
  let y = MARGIN;
  const lines = (text: string, size: number, style: string, character = CHARACTER): string =>
    broken(text, Math.floor(inner / (size * character)))
      .map((line) => {
        y += size * 1.4;
        return `<text x="${MARGIN}" y="${tenths(y - size * 0.4)}" style="font-size:${size}px;${style}">${escaped(line)}</text>`;
      })
      .join("");
  const head = lines(title, 16, "font-weight:600") + lines(summary, 12, `fill:${SOFT}`);
  y += 14;
  const body = `<g transform="translate(${MARGIN} ${tenths(y)})">${drawing.body}</g>`;
  y += drawing.height + 10;
  const foot = provenance ? lines(provenance, 10, `fill:${SOFT}`, WIDE_CHARACTER) : "";
  const [width, height] = [Math.ceil(inner + 2 * MARGIN), Math.ceil(y + MARGIN)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<desc>${escaped([summary, provenance ?? ""].filter(Boolean).join("\n"))}</desc>
<style>${STYLE}</style>
<rect width="${width}" height="${height}" fill="#fff"/>
${head}
${body}
${foot}
</svg>
`;
}

/** Text in lines of at most `most` characters; longer words stay whole. */
function broken(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export const LEGEND = { width: 200, height: 44 };

/** The colours of a scale from left to right, with its name above and its values below. */
export function legendMarks(scale: ColourScale, name: string, colour?: (t: number) => string): string {
  const at = colour ?? ((t: number) => css(colourOf(scale, scale.min + t * (scale.max - scale.min), false)));
  const step = LEGEND.width / 50;
  const cells = Array.from({ length: 50 }, (_, i) => {
    // Each reaches under the next, so that no seams show.
    const width = i < 49 ? step + 0.5 : step;
    return `<rect x="${tenths(i * step)}" y="16" width="${width}" height="10" fill="${at(i / 49)}"/>`;
  });
  const shown = alike(Math.max(Math.abs(scale.min), Math.abs(scale.max)));
  const ends = [scale.min, (scale.min + scale.max) / 2, scale.max].map((value, i) => {
    return `<text class="soft number ${["", "middle", "end"][i]!}" x="${(LEGEND.width / 2) * i}" y="38">${shown(value)}</text>`;
  });
  const outline = `<rect y="16" width="${LEGEND.width}" height="10" fill="none" stroke="${SOFT}"/>`;
  return `<text class="soft" y="10">${escaped(name)}</text>${cells.join("")}${outline}${ends.join("")}`;
}

/** Finer places are not seen. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;

/** Room for the longest of some names, at a size. */
export const textRoom = (names: readonly string[], size = 12): number =>
  Math.ceil(Math.max(0, ...names.map((name) => name.length)) * size * CHARACTER);
