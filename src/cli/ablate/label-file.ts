/** A table of labels: `file,label` or `file,label,group` on each line, quoted where there are commas. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { FileMissingError, FileUnreadableError } from "../../engine/weights/errors.js";

export interface LabelledFile {
  /** As the table has it. */
  readonly file: string;
  /** From the table's own folder. */
  readonly path: string;
  readonly label: string;
  readonly group: string | undefined;
}

const FORM = "file,label or file,label,group, the same on all lines";

/**
 * A first line that says `file,label` is passed over. Throws {@link UsageError} for a line of another form or a file that stands there
 * twice, `FileMissingError`, `FileUnreadableError`.
 */
export async function readLabels(path: string): Promise<LabelledFile[]> {
  const content = await readFile(path, "utf8").catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const facts = { what: "cannot read the table of labels", where: path, cause };
    if (code === "ENOENT") throw new FileMissingError({ ...facts, got: "no such file", fix: "check the path" });
    throw new FileUnreadableError({ ...facts, got: code, fix: "pass a file of labels" });
  });
  const lines = content
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((line, i) => ({ number: i + 1, cells: cellsOf(line) }))
    .filter(({ cells }) => cells.length > 1 || cells[0] !== "");
  if (/^file$/i.test(lines[0]?.cells[0] ?? "") && /^label$/i.test(lines[0]?.cells[1] ?? "")) lines.shift();
  const columns = lines[0]?.cells.length ?? 0;
  const seen = new Set<string>();
  const refuse = (what: string, number: number, got: string, expected = FORM): never => {
    throw new UsageError({ what, where: `${path}, line ${number}`, got, expected });
  };
  const rows = lines.map(({ number, cells }) => {
    const [file = "", label = "", group] = cells;
    if (cells.length < 2 || cells.length > 3 || cells.length !== columns || cells.includes("")) {
      refuse("labels of another form", number, cells.join(","));
    }
    if (seen.has(file)) refuse("a file that is labelled already", number, file, "each file once");
    seen.add(file);
    return { file, path: resolve(dirname(path), file), label, group };
  });
  if (rows.length === 0) refuse("no labels", 1, "nothing");
  return rows;
}

/** Cells without the spaces around them, as RFC 4180 quotes them; a cell has no line breaks. */
function cellsOf(line: string): string[] {
  const cells = line.match(/(?:^|,)(?:\s*"(?:[^"]|"")*"\s*|[^,]*)/g) ?? [""];
  return cells.map((cell, i) => {
    const text = (i === 0 && !cell.startsWith(",") ? cell : cell.slice(1)).trim();
    return text.startsWith('"') && text.endsWith('"') && text.length > 1
      ? text.slice(1, -1).replaceAll('""', '"')
      : text;
  });
}
