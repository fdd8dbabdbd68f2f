/** How far work has come, in words. */
import { readable } from "./numbers.js";

/** As jobs report it; `total` is absent where it is not known. */
export interface WorkProgress {
  readonly stage: string;
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: "bytes" | "pictures" | "steps";
}

/** Sooner, and with less done, a guess would jump about. */
const GUESS_AFTER = { milliseconds: 2000, part: 0.03 };

/** "3.2 of 11.8 MB, about 4 s left". `elapsed`: milliseconds since the stage began. */
export function progressText({ done, total, unit }: WorkProgress, elapsed: number): string {
  if (total === undefined) return done > 0 ? amount(done, done, unit) : "";
  const text = `${unit === "bytes" ? megabytes(done, total) : readable(done)} of ${amount(total, total, unit)}`;
  const part = done / total;
  if (elapsed < GUESS_AFTER.milliseconds || !(part > GUESS_AFTER.part && part < 1)) return text;
  return `${text}, about ${duration((elapsed * (1 - part)) / part / 1000)} left`;
}

function amount(value: number, largest: number, unit: WorkProgress["unit"]): string {
  if (unit === "bytes") return `${megabytes(value, largest)} ${largest < 1e6 ? "kB" : "MB"}`;
  return `${readable(value)} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

/** In the unit that suits the largest. */
const megabytes = (bytes: number, largest: number): string =>
  largest < 1e6 ? (bytes / 1e3).toFixed(0) : (bytes / 1e6).toFixed(1);

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
