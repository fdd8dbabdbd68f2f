/** Runs that are killed at any moment, as processes of their own: what goes on ends with the bits of a straight run. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

interface RunProcessOptions {
  readonly steps?: number;
  readonly mode?: "plain" | "stuck";
  /** Called when the process has told that it has done `at` updates. */
  readonly when?: { readonly at: number; readonly then: (child: ChildProcess) => void };
}

interface Ended {
  readonly signal: NodeJS.Signals | null;
  /** Undefined for a process that was ended from outside. */
  readonly result: TrainResult | undefined;
}

async function runProcess(
  folder: string,
  { steps = STEPS, mode = "plain", when }: RunProcessOptions = {},
): Promise<Ended> {
  builtModule("engine/train/loop.js");
  const script = fileURLToPath(new URL("tiny-process.js", import.meta.url));
  const child = spawn(process.execPath, [script, join(root, folder), String(steps), mode], { stdio: "pipe" });
  const lines = createInterface(child.stdout);
  let [last, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  lines.on("line", (line) => {
    last = line;
    if (line === String(when?.at)) when!.then(child);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.on("close", (_code, signal) => {
      resolve(signal);
    });
  });
  expect(stderr).toBe("");
  return { signal, result: last.startsWith("{") ? (JSON.parse(last) as TrainResult) : undefined };
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

  beforeAll(async () => {
    await runProcess("straight");
    straight = await outcome("straight");
  });

  test("in two parts of 100 is the same", async () => {
    await runProcess("halves", { steps: 100 });
    expect((await runProcess("halves")).result).toMatchObject({ step: STEPS, resumedAt: 100 });
    expect(await outcome("halves")).toEqual(straight);
  });

  test(`killed at ${TRIES} random moments is the same every time`, { timeout: 180_000 }, async () => {
    const random = seeded(1, "moments");
    let killed = 0;
    for (let i = 0; i < TRIES; i++) {
      // Steps take about 4 ms, so this reaches into every part of one: the run, the update, log, checkpoint.
      const [at, delay] = [random.below(STEPS), random.uniform() * 8];
      const then = (child: ChildProcess): void => void setTimeout(() => child.kill("SIGKILL"), delay);
      const { signal } = await runProcess(`killed ${i}`, { when: { at, then } });
      if (signal === "SIGKILL") killed++;
      await runProcess(`killed ${i}`);
      expect(await outcome(`killed ${i}`), `killed ${delay} ms after step ${at}`).toEqual(straight);
    }
    // The last steps may be done before the signal comes.
    expect(killed).toBeGreaterThan(TRIES * 0.75);
  });

  test("interrupted by Ctrl-C saves, says so, and goes on to the same", async () => {
    const when = { at: 60, then: (child: ChildProcess): void => void child.kill("SIGINT") };
    const { signal, result } = await runProcess("interrupted", { when });
    expect(signal).toBeNull();
    expect(result).toMatchObject({ stopped: true, resumedAt: 0 });
    const again = await runProcess("interrupted");
    expect(again.result).toMatchObject({ stopped: false, resumedAt: result!.step });
    expect(await outcome("interrupted")).toEqual(straight);
  });
});

test("a second Ctrl-C ends at once a run that cannot finish its step", async () => {
  let firstWasEnough = true;
  const then = (child: ChildProcess): void => {
    // By then it waits for a batch that never comes.
    setTimeout(() => child.kill("SIGINT"), 200);
    setTimeout(() => {
      firstWasEnough = child.exitCode !== null || child.signalCode !== null;
      child.kill("SIGINT");
    }, 600);
  };
  const { signal, result } = await runProcess("stuck", { mode: "stuck", when: { at: 3, then } });
  expect(result).toBeUndefined();
  expect(firstWasEnough).toBe(false);
  expect(signal).toBe("SIGINT");
});
