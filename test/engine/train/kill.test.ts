/** Runs that are killed at any moment, as processes of their own: what goes on ends with the bits of a straight run. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { listCheckpoints } from "../../../src/engine/train/checkpoint.js";
import type { TrainResult } from "../../../src/engine/train/loop.js";
import { parseMetrics } from "../../../src/engine/train/metrics-log.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { builtModule } from "../../support/built.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
const STEPS = 200;
const TRIES = 20;

interface Ended {
  readonly signal: NodeJS.Signals | null;
  /** Undefined for a process that was ended from outside. */
  readonly result: TrainResult | undefined;
  /** From the first step on. */
  readonly milliseconds: number;
}

/** Runs the process; `onTraining` is called when it begins to train. */
async function runProcess(
  folder: string,
  { steps = STEPS, mode = "plain", onTraining }: RunProcessOptions = {},
): Promise<Ended> {
  builtModule("engine/train/loop.js");
  const script = fileURLToPath(new URL("tiny-process.js", import.meta.url));
  const child = spawn(process.execPath, [script, join(root, folder), String(steps), mode], { stdio: "pipe" });
  let [stdout, stderr, started] = ["", "", 0];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (started > 0) return;
    started = performance.now();
    onTraining?.(child);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("close", (_code, signal) => {
      resolve(signal);
    });
  });
  expect(stderr).toBe("");
  const line = stdout.split("\n")[1];
  const result = line ? (JSON.parse(line) as TrainResult) : undefined;
  return { signal, result, milliseconds: performance.now() - started };
}

interface RunProcessOptions {
  readonly steps?: number;
  readonly mode?: "plain" | "stuck";
  readonly onTraining?: (child: ChildProcess) => void;
}

/** What a run leaves behind, apart from what the clock has to say. */
async function outcome(folder: string): Promise<unknown> {
  const file = (await listCheckpoints(join(root, folder)))[0]!;
  const bytes = readFileSync(file);
  const log = parseMetrics(readFileSync(join(root, folder, "metrics.jsonl"), "utf8"));
  return {
    name: file.slice(join(root, folder).length),
    tensors: bytes.subarray(8 + Number(bytes.readBigUInt64LE())).toString("base64"),
    log: log.map((record) => ({ ...record, seconds: 0, stepsPerSecond: 0 })),
  };
}

describe("a run of 200 steps", () => {
  let straight: unknown;
  let milliseconds = 0;

  beforeAll(async () => {
    ({ milliseconds } = await runProcess("straight"));
    straight = await outcome("straight");
  });

  test("in two parts of 100 is the same", async () => {
    await runProcess("halves", { steps: 100 });
    expect((await runProcess("halves")).result).toMatchObject({ step: STEPS, resumedAt: 100 });
    expect(await outcome("halves")).toEqual(straight);
  });

  test(`killed at ${TRIES} random moments is the same every time`, { timeout: 120_000 }, async () => {
    const random = seeded(1, "moments");
    const delays = Array.from({ length: TRIES }, () => random.uniform() * milliseconds);
    let killed = 0;
    for (const [i, delay] of delays.entries()) {
      const folder = `killed ${i}`;
      const onTraining = (child: ChildProcess): void => void setTimeout(() => child.kill("SIGKILL"), delay);
      const { signal } = await runProcess(folder, { onTraining });
      if (signal === "SIGKILL") killed++;
      await runProcess(folder);
      expect(await outcome(folder), `killed after ${delay.toFixed(1)} ms`).toEqual(straight);
    }
    // One that was faster than the straight run was, may have come to its end before.
    expect(killed).toBeGreaterThan(TRIES / 2);
  });

  test("interrupted by Ctrl-C saves, says so, and goes on to the same", async () => {
    const onTraining = (child: ChildProcess): void => void setTimeout(() => child.kill("SIGINT"), milliseconds / 3);
    const { signal, result } = await runProcess("interrupted", { onTraining });
    expect(signal).toBeNull();
    expect(result).toMatchObject({ stopped: true, resumedAt: 0 });
    const again = await runProcess("interrupted");
    expect(again.result).toMatchObject({ stopped: false, resumedAt: result!.step });
    expect(await outcome("interrupted")).toEqual(straight);
  });
});

test("a second Ctrl-C ends at once a run that cannot finish its step", async () => {
  const onTraining = (child: ChildProcess): void => {
    setTimeout(() => child.kill("SIGINT"), 300);
    setTimeout(() => child.kill("SIGINT"), 600);
  };
  const { signal, result, milliseconds } = await runProcess("stuck", { mode: "stuck", onTraining });
  expect(result).toBeUndefined();
  expect(signal).toBe("SIGINT");
  expect(milliseconds).toBeGreaterThan(550);
});
