/** The numbers of a figure as a table: what its twin shows and its CSV and JSON hold. */

export type TableCell = string | number | boolean | null;

export interface TableColumn {
  readonly name: string;
  /** How numbers are shown; exports keep all digits. */
  readonly format?: (value: number) => string;
}

export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly TableCell[])[];
}

/**
 * CSV after RFC 4180: fields with commas, quotes or line breaks are quoted, lines end in CRLF, every record has the same
 * fields. Numbers that are not finite are left empty. Provenance is a last column, written in the first row only.
 */
export function toCsv({ columns, rows }: Table, provenance?: string): string {
  const head = columns.map(({ name }) => name);
  const records = rows.map((row) => [...row]);
  if (provenance !== undefined) {
    head.push("provenance");
    records.forEach((record, i) => record.push(i === 0 ? provenance : ""));
  }
  return [head, ...records].map((record) => record.map(csvField).join(",") + "\r\n").join("");
}

function csvField(value: TableCell): string {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows as objects keyed by column. */
export function toRecords({ columns, rows }: Table): Record<string, TableCell>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
}

export interface SortOrder {
  readonly column: number;
  readonly descending: boolean;
}

/** Rows in another order. Equal rows stay as they were; what is missing comes last either way. */
export function sortedRows(rows: Table["rows"], order: SortOrder | undefined): Table["rows"] {
  if (!order) return rows;
  const sign = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[order.column] ?? null, b[order.column] ?? null];
    if (missing(x) || missing(y)) return Number(missing(x)) - Number(missing(y));
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : WORDS.compare(String(x), String(y)));
  });
}

const WORDS = new Intl.Collator("en", { numeric: true });

const missing = (cell: TableCell): boolean => cell === null || Number.isNaN(cell);
