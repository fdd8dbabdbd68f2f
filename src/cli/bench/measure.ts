/** Measures workloads turn by turn, so that what else the machine does falls on all alike. */
import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Measurement, Workload } from "./worker.js";

const WORKER = fileURLToPath(new URL("worker.js", import.meta.url));
/** ONNX Runtime's threads spin for a while after a run; another process should not be measured meanwhile. */
const PAUSE_MS = 20;

export interface Series {
  readonly milliseconds: readonly number[];
  /** Largest memory of the workload's process. */
  readonly peakBytes: number;
}

/** Runs each workload `rounds` times in turns, after one run to warm up. `ending` ends the workers at once. */
export async function measureInTurns<W extends Workload>(
  workloads: readonly W[],
  {
    folder,
    batch,
    rounds,
    ending,
  }: { readonly folder: string; readonly batch: number; readonly rounds: number; readonly ending: AbortSignal },
  onRound: (done: number) => void,
): Promise<Record<W, Series>> {
  const workers: { workload: W; child: ChildProcess; times: number[]; peakBytes: number }[] = [];
  try {
    for (const workload of workloads) {
      const child = fork(WORKER, [workload, folder, String(batch)]);
      ending.addEventListener("abort", () => child.kill("SIGKILL"));
      const worker = { workload, child, times: [], peakBytes: 0 };
      workers.push(worker);
      worker.peakBytes = (await reply(child)).peakBytes;
    }
    for (let round = 0; round < rounds; round++) {
      // Every other round in reverse: what one workload leaves in the caches helps each as often.
      for (const worker of round % 2 === 0 ? workers : workers.toReversed()) {
        await sleep(PAUSE_MS);
        worker.child.send("run");
        const { milliseconds, peakBytes } = await reply(worker.child);
        worker.times.push(milliseconds);
        worker.peakBytes = peakBytes;
      }
      onRound(round + 1);
    }
    const series = workers.map(({ workload, times, peakBytes }) => [workload, { milliseconds: times, peakBytes }]);
    return Object.fromEntries(series) as Record<W, Series>;
  } finally {
    for (const { child } of workers) child.kill();
  }
}

function reply(child: ChildProcess): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void => {
      child.off("message", onMessage);
      reject(new Error(`internal: the bench worker ended (${signal ?? `exit code ${code}`})`));
    };
    const onMessage = (measurement: unknown): void => {
      child.off("exit", onExit);
      resolve(measurement as Measurement);
    };
    child.once("exit", onExit);
    child.once("message", onMessage);
  });
}

/** The middle value (mean of the two middle ones for an even count). */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
