/** How far a long job has come, on stderr: one line that is redrawn on a terminal, a line now and then elsewhere. */
import { columnsOf } from "./terminal-text.js";

export interface ProgressOptions {
  readonly total: number;
  /** Put before the bar. */
  readonly label?: string;
  /** Writes an amount, and the rate per second, with their unit. */
  readonly show: (amount: number, total: number) => string;
  readonly showRate: (perSecond: number) => string;
}

const REDRAW_MS = 100;
const LINE_MS = 30_000;
/** Jobs that end sooner show nothing. */
const PATIENCE_MS = 400;
const BAR_COLUMNS = 24;

export class Progress {
  readonly #options: ProgressOptions;
  readonly #started = performance.now();
  /** From where on the rate is measured: the first part of a job has to warm up. */
  #warm: { readonly done: number; readonly at: number } | undefined;
  #told = -Infinity;
  #drawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  update(done: number): void {
    const now = performance.now();
    this.#warm ??= { done, at: now };
    const terminal = process.stderr.isTTY;
    if (now - this.#started < (terminal ? PATIENCE_MS : LINE_MS)) return;
    if (now - this.#told < (terminal ? REDRAW_MS : LINE_MS)) return;
    this.#told = now;
    const status = this.#status(done, now);
    process.stderr.write(terminal ? `\r\u001b[2K${this.#bar(done, status)}` : `${status}\n`);
    this.#drawn = terminal;
  }

  /** Takes the line away, so that other output can be written. */
  clear(): void {
    if (this.#drawn) process.stderr.write("\r\u001b[2K");
    this.#drawn = false;
  }

  #status(done: number, now: number): string {
    const { total, label, show, showRate } = this.#options;
    const { done: from, at } = this.#warm!;
    const rate = ((done - from) / (now - at)) * 1000;
    const parts = [show(done, total)];
    if (rate > 0) parts.push(showRate(rate));
    if (rate > 0 && done < total) parts.push(`${duration((total - done) / rate)} left`);
    return (label === undefined ? "" : `${label}  `) + parts.join(" · ");
  }

  #bar(done: number, status: string): string {
    const filled = Math.round((done / this.#options.total) * BAR_COLUMNS);
    const bar = "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
    return columnsOf(status) + BAR_COLUMNS + 2 < process.stderr.columns ? `${bar}  ${status}` : status;
  }
}

/** Counted in `unit`. */
export function countProgress(total: number, unit: string): Progress {
  return new Progress({
    total,
    show: (amount) => `${amount} of ${total} ${unit}`,
    showRate: (perSecond) => `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`,
  });
}

/** Megabytes (10⁶ bytes) of a file. */
export function byteProgress(file: string, total: number): Progress {
  return new Progress({
    total,
    label: file,
    show: (amount) => `${megabytes(amount)} of ${megabytes(total)} MB`,
    showRate: (perSecond) => `${megabytes(perSecond)} MB/s`,
  });
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0);
}

/** `0:42`, `12:05`, `3:07:00`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
