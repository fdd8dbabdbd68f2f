/** Jobs that were asked for: one runs, some wait, some have ended and are kept for a while. */
import { setImmediate, setTimeout } from "node:timers/promises";
import type { z } from "zod";
import type { JobContext } from "../jobs/index.js";
import type { Job } from "../jobs/job.js";
import { toWire } from "../jobs/wire.js";
import { JobGoneError, ServerBusyError, ServerStoppingError } from "./errors.js";
import { failureOf } from "./failure.js";
import type { Limits } from "./limits.js";
import { ServedJob } from "./served-job.js";

/** By name. */
export type Jobs = Readonly<Record<string, Job<z.ZodType, unknown>>>;

export interface JobBoardOptions {
  readonly jobs: Jobs;
  readonly context: JobContext;
  readonly limits: Limits;
  /** Called after each job, before the next. */
  readonly between: () => Promise<void>;
  /** Told of faults in Vitrine, which requests are not told of. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Runs one job at a time: one alone uses all cores. A job that was cancelled keeps its turn until it looks at its signal, since what
 * it computes cannot be taken from it.
 */
export class JobBoard {
  readonly #options: JobBoardOptions;
  readonly #jobs = new Map<string, ServedJob>();
  readonly #waiting: ServedJob[] = [];
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: JobBoardOptions) {
    this.#options = options;
  }

  /** `name` is a job's, and `params` are as its schema gave them. Throws {@link ServerBusyError}, {@link ServerStoppingError}. */
  submit(name: string, params: unknown): ServedJob {
    const { limits } = this.#options;
    if (this.#stopped) throw new ServerStoppingError({ what: "the server is stopping" });
    if (this.#waiting.length >= limits.waiting) {
      const got = `${this.#waiting.length} jobs that wait`;
      throw new ServerBusyError({ what: "too many jobs wait already", got, fix: "ask again in a second" });
    }
    const job = new ServedJob(name, params, limits, () => {
      if (job.outcome === undefined) this.cancel(job.id);
      else this.#forget(job);
    });
    this.#jobs.set(job.id, job);
    this.#waiting.push(job);
    const before = this.#waiting.length - 1 + (this.#running === undefined ? 0 : 1);
    if (before > 0) job.control.progress({ stage: "waiting for other jobs", done: 0, unit: "steps" });
    this.#next();
    return job;
  }

  /** Throws {@link JobGoneError}. */
  get(id: string): ServedJob {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new JobGoneError({
      what: "no such job",
      got: `"${id}"`,
      expected: "a job that was asked for a short while ago",
      fix: "ask for it again",
    });
  }

  /** Ends a job that has not ended. Throws {@link JobGoneError}. */
  cancel(id: string): void {
    const job = this.get(id);
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    job.end({ state: "cancelled" });
    this.#trim();
  }

  /** How many wait, run, and have ended and are kept. */
  counts(): { readonly waiting: number; readonly running: number; readonly kept: number } {
    const running = this.#running === undefined ? 0 : 1;
    const kept = [...this.#jobs.values()].filter((job) => job.outcome !== undefined).length;
    return { waiting: this.#waiting.length, running, kept };
  }

  /** Ends all jobs, for good. Resolves to whether the one that runs has come to its end within `limits.stopping`. */
  async stop(): Promise<boolean> {
    this.#stopped = true;
    const error = failureOf(new ServerStoppingError({ what: "the server is stopping" }), this.#options.onFault);
    this.#waiting.length = 0;
    for (const job of this.#jobs.values()) job.end({ state: "failed", error });
    const late = new AbortController();
    const { stopping } = this.#options.limits;
    const patience = setTimeout(stopping, undefined, late).catch(() => undefined);
    await Promise.race([this.#running, patience]);
    late.abort();
    for (const job of this.#jobs.values()) this.#forget(job);
    return this.#running === undefined;
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#running = this.#run(job).finally(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  /** Never rejects. */
  async #run(job: ServedJob): Promise<void> {
    const { jobs, context, between, onFault } = this.#options;
    // Who asked is answered first.
    await setImmediate();
    if (job.outcome !== undefined) return;
    job.start();
    try {
      const result = await jobs[job.name]!.run(context, job.params, job.control);
      if (!job.control.signal.aborted) {
        job.end({ state: "done", result: Buffer.from(JSON.stringify(toWire(result))) });
      }
    } catch (error) {
      // A job that was cancelled may fail of it, in any way.
      if (!job.control.signal.aborted) job.end({ state: "failed", error: failureOf(error, onFault) });
    }
    this.#trim();
    await between().catch(onFault);
  }

  /** Forgets the jobs that ended first while more are kept than there is room for. */
  #trim(): void {
    const { finished, resultBytes } = this.#options.limits;
    const ended = [...this.#jobs.values()].filter((job) => job.outcome !== undefined);
    let bytes = ended.reduce((sum, job) => sum + job.bytes, 0);
    for (const [i, job] of ended.entries()) {
      const left = ended.length - i;
      if (left === 1 || (left <= finished && bytes <= resultBytes)) return;
      bytes -= job.bytes;
      this.#forget(job);
    }
  }

  #forget(job: ServedJob): void {
    job.forget();
    this.#jobs.delete(job.id);
  }
}
