/** Writes what an evaluation found: lines for people, JSON, CSV and a page. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { type Claim, type ClaimTable, showEstimate } from "../../methods/claim.js";
import { type ClaimsPageFacts, claimsPage } from "../../methods/decompose/report/claims-page.js";
import { OutputExistsError } from "../errors.js";
import { printable } from "../terminal-text.js";

const FILES = ["claims.json", "claims.csv", "claims.html"] as const;

/** Throws {@link OutputExistsError} where results stand already. */
export function refuseEarlierClaims(out: string): void {
  const earlier = FILES.map((name) => join(out, name)).find((path) => existsSync(path));
  if (earlier === undefined) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({ what: "the results of an earlier run stand there", where: earlier, fix });
}

/** Returns the paths. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeClaims(
  out: string,
  facts: ClaimsPageFacts,
  document: object,
  claims: readonly Claim[],
): Promise<string[]> {
  await makeFolder(out);
  const contents = [`${JSON.stringify(document, null, 1)}\n`, csv(claims), claimsPage(facts, claims)];
  const paths = FILES.map((name) => join(out, name));
  for (const [i, path] of paths.entries()) await writeWhole(path, contents[i]!);
  return paths;
}

function csv(claims: readonly Claim[]): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = claims.flatMap(({ claim, holds, tables }) =>
    tables.flatMap(({ title, columns, rows: tableRows }) =>
      tableRows.flatMap(({ name, kind, figures }) =>
        columns.flatMap((column, i) => {
          const figure = figures[i];
          if (figure === undefined) return [];
          const { value, low, high } = figure;
          const cells = [claim, holds ? "holds" : "does not hold", title, name, kind, column.name].map(quoted);
          return [[...cells, value, low, high].join(",")];
        }),
      ),
    ),
  );
  return `claim,verdict,table,row,kind,figure,value,low,high\n${rows.join("\n")}\n`;
}

export function claimsText(claims: readonly Claim[]): string {
  return claims
    .map(({ claim, holds, found, criterion, setting, tables }) =>
      [
        `${holds ? "HOLDS" : "DOES NOT HOLD"}  ${claim}`,
        `  ${printable(found)}`,
        `  It holds if: ${criterion}`,
        `  Measured: ${setting}`,
        ...tables.flatMap(tableLines),
      ].join("\n"),
    )
    .join("\n\n");
}

function tableLines({ title, columns, rows }: ClaimTable): string[] {
  const cells = rows.map(({ figures }) => columns.map(({ unit }, i) => showEstimate(figures[i], unit)));
  const widths = columns.map(({ name }, i) => Math.max(name.length, ...cells.map((row) => row[i]!.length)));
  const names = Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, row: readonly string[]): string =>
    `    ${name.padEnd(names)}  ${row.map((cell, i) => cell.padStart(widths[i]!)).join("  ")}`.trimEnd();
  return [
    "",
    `  ${title}`,
    line(
      "",
      columns.map(({ name }) => name),
    ),
    ...rows.map(({ name }, i) => line(name, cells[i]!)),
  ];
}
