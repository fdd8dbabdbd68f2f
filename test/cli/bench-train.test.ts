/** `vitrine bench train`: what it reports without other frameworks, what it refuses, and that counts of a graph are right. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { trainCosts } from "../../src/cli/bench/train-costs.js";
import { TRAIN_MODELS } from "../../src/cli/bench/train-models.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();

test("reports consistent figures and leaves nothing behind", async () => {
  const path = join(folder, "temporary");
  mkdirSync(path);
  const args = ["bench", "train", "--peers", "none", "--model", "mlp", "--rounds", "3", "--json"];
  const { code, stdout, stderr } = await vitrine(args, { env: { TMPDIR: path, TEMP: path, TMP: path } });
  expect([code, stderr]).toEqual([0, ""]);
  const [result, ...more] = JSON.parse(stdout) as [Record<string, unknown>];
  expect(more).toEqual([]);
  const nothing = { tfjs: null, jaxjs: null, torch: null };
  expect(result).toEqual({
    model: "mlp",
    rounds: 3,
    peers: { tfjs_ms: null, jaxjs_ms: null, torch_ms: null },
    ratios: nothing,
    loss_differences: nothing,
    torch_threads: null,
    notes: [],
    ...Object.fromEntries(
      ["vitrine_ms", "vitrine_peak_mb", "vitrine_base_mb", "vitrine_needed_mb", "gflop", "gflops", "matmul_gflops"].map(
        (name) => [name, expect.any(Number) as number],
      ),
    ),
  });
  const numbers = result as Record<string, number>;
  // All are rounded to four digits.
  expect(Math.abs((numbers["gflops"]! * numbers["vitrine_ms"]!) / (numbers["gflop"]! * 1e3) - 1)).toBeLessThan(2e-3);
  expect(numbers["vitrine_peak_mb"]).toBeGreaterThan(numbers["vitrine_needed_mb"]!);
  expect(readdirSync(path)).toEqual([]);
});

test("an idempotent generator's step and projections are measured too", async () => {
  const { code, stdout, stderr } = await vitrine(["bench", "idempotent", "--peers", "none", "--rounds", "3", "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const { projection_ms: projections, training } = JSON.parse(stdout) as {
    projection_ms: Record<string, number>;
    training: { model: string; vitrine_ms: number };
  };
  expect(projections["paper"]).toBeGreaterThan(projections["zoo"]!);
  expect(training).toMatchObject({ model: "idempotent", vitrine_ms: expect.any(Number) as number });
});

test("counts what an MLP's step must compute and keep", () => {
  const { flops, neededBytes } = trainCosts(TRAIN_MODELS.mlp);
  const weights = 2 * 512 * 2048 + 2 * 2048 * 2048;
  // Forward, and backward for weights and for inputs, but not for the picture's own gradient.
  expect(flops).toBe(2 * 256 * (3 * weights - 512 * 2048));
  const parameters = weights + 3 * 2048 + 512;
  // What each ReLU gives, and the error.
  expect(neededBytes).toBe(4 * (4 * parameters + 256 * (3 * 2048 + 512)));
});

test.each([
  [["--model", "resnet"], "unknown model: got resnet, expected mlp, transformer, conv"],
  [["--model", "toString"], "unknown model: got toString, expected mlp, transformer, conv"],
  [["--peers", "tfjs,keras"], "unknown peer: got keras, expected some of tfjs,jaxjs,torch, or none"],
])("%s is refused", async (args, message) => {
  const { code, stderr } = await vitrine(["bench", "train", ...args]);
  expect([code, stderr]).toEqual([2, `vitrine: ${message} [usage]\n`]);
});
