/** `vitrine bench`: what it reports, what it refuses, and what it leaves behind (nothing). */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { countFlops } from "../../src/engine/graph/flops.js";
import { ARCHITECTURES, TINY } from "../../src/models/clip/architectures.js";
import { loadClip } from "../../src/models/clip/load.js";
import { writeRandomCheckpoint } from "../../src/models/clip/random-checkpoint.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();

/** A folder for temporary files that only one run uses. */
function temporary(name: string): { readonly path: string; readonly env: Record<string, string> } {
  const path = join(folder, name);
  mkdirSync(path);
  return { path, env: { TMPDIR: path, TEMP: path, TMP: path } };
}

describe("a run", () => {
  test("reports consistent figures and leaves nothing behind", async () => {
    const { path, env } = temporary("report");
    const args = ["bench", "decompose", "--arch", "tiny", "--batch", "2", "--rounds", "3", "--json"];
    const { code, stdout, stderr } = await vitrine(args, { env });
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout) as Record<string, number | string>;
    const { arch, ...numbers } = result as { arch: string } & Record<string, number>;
    expect(Object.keys(numbers).sort()).toEqual([
      "batch",
      "bytes_per_image",
      "decompose_ms",
      "file_bytes_per_image",
      "gflops",
      "matmul_gflops",
      "peak_rss_mb",
      "plain_ms",
      "ratio",
      "rounds",
      "weights_mb",
    ]);
    for (const [name, value] of Object.entries(numbers)) {
      expect(Number.isFinite(value) && value > 0, `${name} = ${value}`).toBe(true);
    }
    expect([arch, numbers["batch"], numbers["rounds"]]).toEqual(["tiny", 2, 3]);

    // Roughly: the median of the rounds' ratios is not the ratio of the medians.
    const quotient = numbers["decompose_ms"]! / numbers["plain_ms"]!;
    expect(numbers["ratio"]! / quotient).toBeGreaterThan(0.2);
    expect(numbers["ratio"]! / quotient).toBeLessThan(5);

    const model = join(folder, "model");
    await writeRandomCheckpoint(model, TINY, { seed: 1, activation: "gelu", visionOnly: true });
    const clip = await loadClip(model);
    const flopsPerPicture = countFlops([clip.vision.graph(2).features]) / 2;
    // Both are rounded to four digits.
    expect(Math.abs((numbers["gflops"]! * numbers["plain_ms"]! * 1e6) / flopsPerPicture - 1)).toBeLessThan(2e-3);
    expect(numbers["peak_rss_mb"]).toBeGreaterThan(numbers["weights_mb"]!);

    // 4 layers of 4 heads of 32 coordinates and 3 scalars; then 5 MLP contributions and the features, 64 wide.
    expect(numbers["bytes_per_image"]).toBe(4 * (4 * 4 * 32 + 3));
    expect(numbers["file_bytes_per_image"]).toBe(4 * (4 * 4 * 32 + 3 + 5 * 64 + 64));
    expect(readdirSync(path)).toEqual([]);
  });

  test("prints both sizes for people, each with what it covers", async () => {
    const { env } = temporary("text");
    const { code, stdout } = await vitrine(["bench", "decompose", "--arch", "tiny", "--rounds", "3"], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tiny, random weights, batch 4, medians of 3 paired rounds\n/);
    expect(stdout).toMatch(/ head coordinates +2060 bytes\/image +all heads, without loss\n/);
    expect(stdout).toMatch(/ result file +3596 bytes\/image +heads, MLPs and features\n/);
  });
});

test("neurons: effects beside the forward pass, and texts of all of them", async () => {
  const { path, env } = temporary("neurons");
  const args = ["bench", "neurons", "--arch", "tiny", "--batch", "2", "--rounds", "3"];
  const { code, stdout, stderr } = await vitrine([...args, "--json"], { env });
  expect([code, stderr]).toEqual([0, ""]);
  const { arch, ...numbers } = JSON.parse(stdout) as { arch: string } & Record<string, number>;
  expect([arch, numbers["layer"], numbers["neurons"], numbers["atoms"]]).toEqual([
    "tiny",
    TINY.vision.layers - 3,
    TINY.vision.hidden,
    32,
  ]);
  for (const name of ["plain_ms", "effects_ms", "ratio", "peak_rss_mb", "sparse_seconds", "sparse_peak_rss_mb"]) {
    expect(Number.isFinite(numbers[name]) && numbers[name]! > 0, name).toBe(true);
  }
  const flops = 2 * 32 * TINY.vision.hidden * numbers["texts"]! * TINY.features;
  expect(numbers["sparse_gflops"]! / (flops / numbers["sparse_seconds"]! / 1e9)).toBeCloseTo(1, 2);
  expect(readdirSync(path)).toEqual([]);
});

describe.skipIf(process.platform === "win32")("a run that is ended", () => {
  test.each([
    // What ends it without notice leaves files, but no workers.
    ["SIGKILL", 1],
    ["SIGINT", 0],
    ["SIGTERM", 0],
    ["SIGHUP", 0],
  ] as const)("by %s dies by it, with its workers, and leaves %i temporary folder(s)", async (signal, folders) => {
    const { path, env } = temporary(signal);
    let workers: number[] = [];
    let foldersBefore = 0;
    let ending: Promise<void> | undefined;
    const finished = await vitrine(["bench", "decompose", "--arch", "tiny", "--rounds", "1000"], {
      env,
      onStart: (child) => {
        ending = (async () => {
          // Its last worker is the third: by then it measures.
          while (child.exitCode === null && workers.length < 3) {
            await sleep(20);
            workers = childrenOf(child.pid!);
          }
          foldersBefore = readdirSync(path).length;
          // Ctrl-C in a terminal goes to all.
          if (signal === "SIGINT") for (const worker of workers) process.kill(worker, signal);
          child.kill(signal);
        })();
      },
    });
    await ending;
    expect([finished.code, finished.signal, finished.stdout, finished.stderr]).toEqual([null, signal, "", ""]);
    expect(foldersBefore).toBe(1);
    expect(readdirSync(path)).toHaveLength(folders);
    expect(workers).toHaveLength(3);
    await expect.poll(() => workers.filter(isAlive), { timeout: 5000 }).toEqual([]);
  });
});

test.each(["vit-x-99", "toString"])("the architecture %s is refused", async (arch) => {
  const { code, stderr } = await vitrine(["bench", "decompose", "--arch", arch]);
  const names = ["tiny", ...Object.keys(ARCHITECTURES)].join(", ");
  expect([code, stderr]).toEqual([2, `vitrine: unknown architecture: got ${arch}, expected ${names} [usage]\n`]);
});

test("what cannot be measured is refused", async () => {
  const { code, stderr } = await vitrine(["bench", "everything"]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("got everything, expected captions, decompose, heads, idempotent, neurons, train"),
  ]);
});

/** Processes that run (and not those that only wait to be buried), with their parents. */
function processes(): { readonly pid: number; readonly parent: number }[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => !state!.startsWith("Z"))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent }) => parent === pid)
    .map((child) => child.pid);
}

function isAlive(pid: number): boolean {
  return processes().some((running) => running.pid === pid);
}

test("heads: what streaming costs, what is kept of a picture, and TextSpan of all heads", async () => {
  const { env } = temporary("heads");
  const args = ["bench", "heads", "--arch", "tiny", "--batch", "2", "--rounds", "3", "--json"];
  const { code, stdout, stderr } = await vitrine(args, { env });
  expect([code, stderr]).toEqual([0, ""]);
  const { arch, ...numbers } = JSON.parse(stdout) as { arch: string } & Record<string, number>;
  expect([arch, numbers["heads"], numbers["texts"], numbers["picks"]]).toEqual(["tiny", 16, 3498, 60]);
  // Four layers of width 128, three scalars, 64 features, as float32.
  expect(numbers["bytes_per_image"]).toBe(4 * (4 * 128 + 3 + 64));
  for (const [name, value] of Object.entries(numbers)) {
    expect(Number.isFinite(value) && value > 0, `${name} = ${value}`).toBe(true);
  }
});
