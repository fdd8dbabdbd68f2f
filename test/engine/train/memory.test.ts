import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { builtModule } from "../../support/built.js";

/** A promise (docs/training.md); 1.3 is measured. */
const MOST = 1.5;

test("a training step holds little beyond parameters, gradients, moments and activations", async ({ skip }) => {
  if (process.platform !== "linux") skip("SKIPPED: peak memory is read from /proc");
  builtModule("engine/train/step.js");
  const script = fileURLToPath(new URL("memory-process.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const { peak, needed } = JSON.parse(stdout) as { peak: number; needed: number };
  expect(peak / needed).toBeGreaterThan(1);
  expect(peak / needed).toBeLessThan(MOST);
});
