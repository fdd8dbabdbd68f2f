/** The record of a run: one JSON object per line in `metrics.jsonl`. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeWhole, writeFailure } from "../weights/atomic-file.js";

/** A line of the log. Beside these keys stand the metrics of the run. */
export interface MetricsRecord {
  /** Updates done, the one told of included. */
  readonly step: number;
  readonly [key: string]: unknown;
}

export class MetricsLog {
  readonly #path: string;
  readonly #file: number;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the log for a run that stands at `step`. Lines past it, and a line cut off, are of work that was lost and is
   * done again: they are removed. Throws `DiskFullError` or `FileUnwritableError`, as do the methods.
   */
  static async open(path: string, step: number): Promise<MetricsLog> {
    await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
      throw writeFailure(path, cause);
    });
    const text = await readFile(path, "utf8").catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw writeFailure(path, cause);
    });
    const kept = linesUpTo(text, step);
    if (kept !== text) await writeWhole(path, kept);
    return new MetricsLog(
      path,
      attempt(path, () => openSync(path, "a")),
    );
  }

  append(record: MetricsRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    attempt(this.#path, () => {
      for (let done = 0; done < line.length;) done += writeSync(this.#file, line, done);
    });
  }

  /** To the disk, so that a checkpoint is never ahead of the log. */
  flush(): void {
    attempt(this.#path, () => {
      fsyncSync(this.#file);
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The records of a log; lines that are none are left out. */
export function parseMetrics(text: string): MetricsRecord[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function linesUpTo(text: string, step: number): string {
  const lines = text.split("\n").slice(0, -1);
  return lines
    .filter((line) => (parseLine(line)?.step ?? Infinity) <= step)
    .map((line) => `${line}\n`)
    .join("");
}

function parseLine(line: string): MetricsRecord | undefined {
  try {
    const value = JSON.parse(line) as MetricsRecord | null;
    return typeof value?.step === "number" ? value : undefined;
  } catch {
    return undefined;
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
