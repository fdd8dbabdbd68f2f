/** Text in columns of a terminal, whatever the alphabet and whoever wrote it. */

/** Columns for output: the terminal's, within reason; 100 where there is none. */
export function outputColumns(): number {
  return Math.max(60, Math.min(process.stdout.isTTY ? process.stdout.columns : 100, 100));
}

/** Control characters made visible: names of files and texts must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "\ufffd");
}

/** Columns that `text` takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of GRAPHEMES.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** At most `columns` wide, cut in the middle: paths differ at their ends. */
export function fitMiddle(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const segments = [...GRAPHEMES.segment(text)].map(({ segment }) => segment);
  let head = "";
  let tail = "";
  // Two thirds of the room for the end, where file names are.
  while (columnsOf(tail) < Math.floor(((columns - 1) * 2) / 3)) tail = segments.pop()! + tail;
  while (columnsOf(head + segments[0]!) + columnsOf(tail) < columns) head += segments.shift()!;
  return `${head}…${tail}`;
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** East Asian wide characters, and emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;
