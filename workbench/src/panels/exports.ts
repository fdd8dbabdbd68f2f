/** What a figure is as a file: SVG, CSV and JSON; `download.ts` makes PNGs of SVGs. */
import { type Drawing, type Frame, framed } from "./drawing.js";
import { type Table, toCsv, toRecords } from "./table.js";

/** What a panel can give away. What is absent is not offered. */
export interface Figure extends Frame {
  /** Of the model, for file names. */
  readonly model?: string | undefined;
  readonly table?: (() => Table) | undefined;
  readonly drawing?: (() => Drawing | Promise<Drawing>) | undefined;
}

export type ExportFormat = "svg" | "png" | "csv" | "json";

export function formatsOf({ table, drawing }: Figure): ExportFormat[] {
  return [...(drawing ? (["svg", "png"] as const) : []), ...(table ? (["csv", "json"] as const) : [])];
}

/** Throws an Error for a format that the figure does not have. */
export async function exportedText(figure: Figure, format: "svg" | "csv" | "json"): Promise<string> {
  const { title, table, drawing, provenance } = figure;
  if (format === "svg" && drawing) return framed(await drawing(), figure);
  if (format === "csv" && table) return toCsv(table(), provenance);
  if (format === "json" && table) return toJson(figure, table());
  throw new Error(`internal: "${title}" cannot be exported as ${format}`);
}

/** Numbers that are not finite are null: JSON has no others. */
function toJson({ title, summary, model, provenance }: Figure, table: Table): string {
  return `${JSON.stringify({ title, summary, model, provenance, rows: toRecords(table) }, undefined, 2)}\n`;
}

/** Some file systems take no more than 255 bytes. */
const LONGEST_STEM = 80;

/** "heads-by-layer-clip-scenes.svg": letters and digits of any script, the rest as single hyphens. */
export function fileName(title: string, model: string | undefined, extension: string): string {
  const stem = [title, model ?? ""]
    .map((part) =>
      part
        .normalize("NFKC")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, "-")
        .replace(/^-+|-+$/g, ""),
    )
    .filter(Boolean)
    .join("-");
  return `${stem.slice(0, LONGEST_STEM) || "figure"}.${extension}`;
}
