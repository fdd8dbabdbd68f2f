/** `vitrine eval`, as small as it gets: what is claimed, beside what, and where it is written. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Claim } from "../../src/methods/claim.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();

async function claims(method: string): Promise<{ claims: readonly Claim[]; files: readonly string[] }> {
  const out = join(folder, method);
  const { code, stdout } = await vitrine(["eval", method, "--quick", "--seeds", "1", "--out", out, "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as { claims: readonly Claim[]; files: readonly string[] };
}

test.each([
  ["decompose", /Late attention heads/],
  ["interpret", /association/],
])("%s: every claim stands beside controls, with intervals and a verdict", async (method, first) => {
  const found = await claims(method);
  expect(found.claims[0]!.claim).toMatch(first);
  for (const { holds, criterion, setting, tables } of found.claims) {
    expect(typeof holds).toBe("boolean");
    expect([criterion, setting].every((text) => text.length > 20)).toBe(true);
    expect(tables.some(({ rows }) => rows.some(({ kind }) => kind === "control"))).toBe(true);
    for (const { rows, columns } of tables) {
      for (const { figures } of rows) {
        expect(figures).toHaveLength(columns.length);
        for (const figure of figures) if (figure) expect(figure.low).toBeLessThanOrEqual(figure.high);
      }
    }
  }
  const [json, csv, page] = found.files.map((path) => readFileSync(path, "utf8"));
  expect(JSON.parse(json!)).toMatchObject({ method, seeds: [0] });
  expect(csv!.split("\n")[0]).toBe("claim,verdict,table,row,kind,figure,value,low,high");
  expect(page).toContain(found.claims[0]!.holds ? "Holds here." : "Does not hold here.");
});

test("a method without an evaluation and results that stand there already are refused at once", async () => {
  const unknown = await vitrine(["eval", "colours"]);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("decompose, neurons, interpret")]);
  const again = await vitrine(["eval", "decompose", "--out", join(folder, "decompose")]);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("--force")]);
});
