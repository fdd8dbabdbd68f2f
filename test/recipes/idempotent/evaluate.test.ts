/** A very short evaluation: every row is measured, figures are kept, and claims say what came out. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { idempotentClaims, overRuns } from "../../../src/recipes/idempotent/evaluate/claims.js";
import { evaluationRuns, type EvaluationOptions } from "../../../src/recipes/idempotent/evaluate/runs.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();

test("trains and measures all rows once, and judges", { timeout: 300_000 }, async () => {
  const options: EvaluationOptions = { folder, seeds: [4], steps: 4, count: 20, doing: () => undefined };
  const first = await evaluationRuns(options);
  const rows = Object.keys(first[0]!.figures);
  expect(rows).toEqual([
    "spread, two banks",
    "spread, trained on with fixed statistics",
    "spread, settled",
    "spread without energy, two banks",
    "listing, two banks",
    "listing, batch",
    "listing, running",
    "listing, trained on with fixed statistics",
    "listing, settled",
    "experiments, two banks",
    "no tightness, two banks",
    "no idempotence, two banks",
    "autoencoder",
    "denoising autoencoder",
  ]);
  const [run] = readdirSync(folder);
  expect(readdirSync(join(folder, run!)).filter((name) => name.endsWith("-20.json"))).toHaveLength(rows.length + 2);
  // What is kept is what was measured, as far as JSON tells.
  expect(JSON.parse(JSON.stringify(await evaluationRuns(options)))).toEqual(JSON.parse(JSON.stringify(first)));

  const claims = idempotentClaims(first, 4);
  expect(claims.map(({ tables }) => tables.map((table) => table.rows.length))).toEqual([
    [14],
    [14 + 3],
    [14, 14],
    [14],
  ]);
  // One run has no interval, so nothing that asks for one can hold.
  expect(claims[0]!.holds).toBe(false);
  const { ratios } = first[0]!.figures["spread, settled"]!;
  expect(claims[0]!.tables[0]!.rows[2]!.figures[0]!.value).toBe(ratios[0]);
});

test("intervals over runs are Student's", () => {
  // Of 1, 2, 3: the deviation is 1, and 4.303 / √3 = 2.484.
  const { value, low, high } = overRuns([1, 2, 3]);
  expect([value, low, high].map((x) => Number(x.toFixed(3)))).toEqual([2, -0.484, 4.484]);
});
