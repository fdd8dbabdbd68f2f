/** The loop: a run that is stopped and goes on ends as one that was never stopped. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listCheckpoints } from "../../../src/engine/train/checkpoint.js";
import { train, type TrainOptions } from "../../../src/engine/train/loop.js";
import { type MetricsRecord, parseMetrics } from "../../../src/engine/train/metrics-log.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { tinyBatch, tinyStep } from "./tiny-run.js";

const root = scratchFolder();
const RECIPE = { name: "tiny", seed: 7, lr: 0.03 };

async function run(folder: string, options: Partial<TrainOptions> = {}): ReturnType<typeof train> {
  await using step = options.step ?? (await tinyStep());
  const fixed = { recipe: RECIPE, steps: 60, batch: tinyBatch, logEvery: 1, checkpointEvery: { steps: 10 } };
  return await train({ ...fixed, folder: join(root, folder), ...options, step });
}

/** The log without what the clock has to say. */
function logOf(folder: string): MetricsRecord[] {
  const records = parseMetrics(readFileSync(join(root, folder, "metrics.jsonl"), "utf8"));
  return records.map((record) => ({ ...record, seconds: 0, stepsPerSecond: 0 }));
}

/** The newest checkpoint's tensors, to the byte. */
async function bytesOf(folder: string): Promise<string> {
  const bytes = readFileSync((await listCheckpoints(join(root, folder)))[0]!);
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE())).toString("base64");
}

describe("a run", () => {
  test("learns, logs and keeps the newest checkpoints", async () => {
    const result = await run("plain");
    expect(result).toMatchObject({ step: 60, stopped: false, resumedAt: 0 });
    const log = logOf("plain");
    expect(log.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    const losses = log.map(({ loss }) => loss as number);
    const total = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0);
    expect(total(losses.slice(-10))).toBeLessThan(total(losses.slice(0, 10)) / 2);
    expect(result.loss).toBe(losses.at(-1));
    expect(Object.keys(log[0]!)).toEqual(["step", "loss", "lr", "gradientNorm", "stepsPerSecond", "seconds"]);
    expect(readdirSync(join(root, "plain")).sort()).toEqual([
      "loss.svg",
      "metrics.jsonl",
      "step-00000050.safetensors",
      "step-00000060.safetensors",
    ]);
  });

  test("that is stopped saves, and goes on to the same bits and the same log", async () => {
    const controller = new AbortController();
    const stopAt = 27;
    const first = await run("stopped", {
      signal: controller.signal,
      onProgress: ({ step }) => {
        if (step === stopAt) controller.abort();
      },
    });
    expect(first).toMatchObject({ step: stopAt, stopped: true });
    writeFileSync(join(root, "stopped", "metrics.jsonl"), '{"step":28,"loss":1}\n{"step":29,', { flag: "a" });
    expect(await run("stopped")).toMatchObject({ step: 60, stopped: false, resumedAt: stopAt });
    expect(await bytesOf("stopped")).toBe(await bytesOf("plain"));
    expect(logOf("stopped")).toEqual(logOf("plain"));
  });

  test("that is done has nothing left to do", async () => {
    const before = await bytesOf("plain");
    expect(await run("plain")).toMatchObject({ step: 60, resumedAt: 60, loss: undefined });
    expect(await bytesOf("plain")).toBe(before);
  });

  test("evaluates when asked, and at the end", async () => {
    const seen: number[] = [];
    const evaluate = { every: 25, run: (step: number) => ({ score: seen.push(step) }) };
    await run("evaluated", { evaluate });
    expect(seen).toEqual([25, 50, 60]);
    const evaluations = logOf("evaluated").filter((record) => "evaluation" in record);
    expect(evaluations.map(({ step, evaluation }) => [step, evaluation])).toEqual([
      [25, { score: 1 }],
      [50, { score: 2 }],
      [60, { score: 3 }],
    ]);
  });
});
