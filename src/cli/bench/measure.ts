/** Measures processes turn by turn, so that what else the machine does falls on all alike. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./serve.js";

/** Threads of a runtime spin for a while after a run; another process should not be measured meanwhile. */
const PAUSE_MS = 20;

/** A program that speaks the protocol of `serve.ts`. */
export interface Workload {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its end is a result (`failure`) and not an error. */
  readonly mayFail?: boolean;
}

export interface Series {
  readonly milliseconds: readonly number[];
  /** Largest memory of the workload's process. */
  readonly peakBytes: number;
  /** All answers, that of the run to warm up first. */
  readonly answers: readonly Measurement[];
  /** Why it has no figures, for a workload that may fail. */
  readonly failure?: string;
}

export interface TurnsOptions {
  readonly rounds: number;
  /** Ends the processes at once. */
  readonly ending: AbortSignal;
  /** A workload sits out the remaining rounds once its runs took this long, but not before its third. */
  readonly enoughMs?: number;
}

/** The file `name` of this folder, as a workload. */
export function worker(name: string, args: readonly string[]): Workload {
  return { command: process.execPath, args: [fileURLToPath(new URL(name, import.meta.url)), ...args] };
}

/** Runs each workload `rounds` times in turns, after one run to warm up. */
export async function measureInTurns<W extends string>(
  workloads: Readonly<Record<W, Workload>>,
  { rounds, ending, enoughMs = Infinity }: TurnsOptions,
  onRound: (done: number) => void,
): Promise<Record<W, Series>> {
  const running = new Map<W, Running>();
  try {
    for (const [name, workload] of Object.entries(workloads) as [W, Workload][]) {
      const process = new Running(workload, ending);
      running.set(name, process);
      await process.answer();
    }
    const turns = [...running.values()];
    for (let round = 0; round < rounds; round++) {
      // Every other round in reverse: what one workload leaves in the caches helps each as often.
      for (const process of round % 2 === 0 ? turns : turns.toReversed()) {
        if (process.failure !== undefined || process.hasEnough(enoughMs)) continue;
        await sleep(PAUSE_MS);
        await process.run();
      }
      onRound(round + 1);
    }
    return Object.fromEntries([...running].map(([name, process]) => [name, process.series()])) as Record<W, Series>;
  } finally {
    for (const process of running.values()) process.end();
  }
}

/** A process, and its answers. */
class Running {
  failure: string | undefined;
  readonly #workload: Workload;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #ended: Promise<string>;
  readonly #answers: Measurement[] = [];
  #stderr = "";

  constructor(workload: Workload, ending: AbortSignal) {
    this.#workload = workload;
    const { command, args, env, mayFail = false } = workload;
    // What a peer says of its troubles is kept for the note on them.
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", mayFail ? "pipe" : "inherit"],
      env: { ...process.env, ...env },
    });
    const kill = (): void => {
      this.#child.kill("SIGKILL");
    };
    ending.addEventListener("abort", kill);
    this.#child.once("exit", () => {
      ending.removeEventListener("abort", kill);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    // A process that is gone cannot be written to; its end is told below.
    this.#child.stdin!.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout! });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        resolve(error.message);
      });
      this.#child.once("close", (code, signal) => {
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  async run(): Promise<void> {
    this.#child.stdin!.write("run\n");
    await this.answer();
  }

  /** Waits for an answer; lines that are none are skipped. */
  async answer(): Promise<void> {
    let onLine: (line: string) => void = () => undefined;
    const answered = new Promise<undefined>((resolve) => {
      onLine = (line) => {
        if (!line.startsWith("{")) return;
        this.#answers.push(JSON.parse(line) as Measurement);
        resolve(undefined);
      };
      this.#lines.on("line", onLine);
    });
    const end = await Promise.race([answered, this.#ended]);
    this.#lines.off("line", onLine);
    if (end === undefined) return;
    if (this.#workload.mayFail !== true) throw new Error(`internal: the bench worker ended (${end})`);
    this.failure = `ended (${end})${lastError(this.#stderr)}`;
  }

  hasEnough(milliseconds: number): boolean {
    const times = this.#times();
    return times.length >= 3 && times.reduce((a, b) => a + b, 0) >= milliseconds;
  }

  series(): Series {
    const peakBytes = this.#answers.at(-1)?.peakBytes ?? 0;
    const failure = this.failure === undefined ? {} : { failure: this.failure };
    return { milliseconds: this.#times(), peakBytes, answers: this.#answers, ...failure };
  }

  end(): void {
    this.#child.kill();
  }

  #times(): number[] {
    return this.#answers.slice(1).map(({ milliseconds }) => milliseconds);
  }
}

/** The line of a stack trace or traceback that names the error. */
function lastError(stderr: string): string {
  const line = stderr.split("\n").findLast((text) => /^\w*Error\b/.test(text));
  return line === undefined ? "" : `: ${line}`;
}

/** The middle value (mean of the two middle ones for an even count). */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
