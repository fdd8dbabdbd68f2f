/** What every bench does. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onEndingSignal } from "../ending-signals.js";
import { median, type Series } from "./measure.js";
import { MATMUL_REPEATS, MATMUL_SIZE } from "./sizes.js";

/** Calls `measure` with a temporary folder, which is gone afterwards however this ends, and a signal that this process ends. */
export async function inBenchFolder<T>(measure: (folder: string, ending: AbortSignal) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "vitrine-bench-"));
  const ending = new AbortController();
  const cleanUp = (): void => {
    ending.abort();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const stopListening = onEndingSignal(cleanUp);
  try {
    return await measure(folder, ending.signal);
  } finally {
    stopListening();
    progress("");
    await rm(folder, { recursive: true, force: true });
  }
}

/** GFLOP/s of the workload `matmul`. */
export function matmulRate({ milliseconds }: Series): number {
  return rounded((MATMUL_REPEATS * 2 * MATMUL_SIZE ** 3) / median(milliseconds) / 1e6);
}

/** To four digits. */
export function rounded(x: number): number {
  return Number(x.toPrecision(4));
}

/** One line on a terminal, replaced each time. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
}
