/** The connection to who does the work, and jobs run over it. */
import type { JobName, JobParams, JobResult, PictureInfo } from "vitrine/jobs";
import { type Backend, BackendError, type RunOptions, type Surroundings } from "../backend/backend.js";
import { takeBackend } from "../backend/first.js";
import { errors } from "./errors.svelte.js";
import { SharedRuns } from "./shared-runs.js";
import { tasks } from "./tasks.svelte.js";

export type Status = "connecting" | "ready" | "lost";

export interface JobOptions {
  readonly signal?: AbortSignal;
  /** What is being done, for people: "Taking the picture apart". */
  readonly title?: string;
}

/** What the last result came from. */
export interface LastRun {
  readonly name: JobName;
  readonly milliseconds: number;
  readonly at: Date;
}

class Connection {
  status = $state<Status>("connecting");
  surroundings = $state.raw<Surroundings | undefined>(undefined);
  lastRun = $state.raw<LastRun | undefined>(undefined);
  /** Why it was lost. */
  reason = $state("");

  #backend: Promise<Backend> | undefined;
  readonly #runs = new SharedRuns();
  /** The files that were handed over, to be handed over again to a new worker or server. */
  readonly #files = new Map<string, Uint8Array>();

  /** Connects, or connects again. Failures are seen in `status`. */
  async start(): Promise<void> {
    this.status = "connecting";
    this.#runs.clear();
    const backend = this.#connect();
    this.#backend = backend;
    // Whoever waits for it sees the failure too; here it becomes a state.
    backend.catch(() => undefined);
    try {
      const { surroundings, lost } = await backend;
      this.surroundings = surroundings;
      this.status = "ready";
      void lost?.then((error) => {
        if (this.#backend === backend) this.#lose(error);
      });
    } catch (error) {
      this.#lose(error);
    }
  }

  async #connect(): Promise<Backend> {
    const backend = await takeBackend();
    for (const bytes of this.#files.values()) await backend.addPicture(bytes);
    return backend;
  }

  async addPicture(bytes: Uint8Array): Promise<PictureInfo> {
    try {
      const info = await (await this.#ready()).addPicture(bytes);
      this.#files.set(info.id, bytes);
      return info;
    } catch (error) {
      this.#notice(error);
      throw error;
    }
  }

  /** The file that was handed over under this id, if it was in this page's life. */
  fileOf(id: string): Uint8Array | undefined {
    return this.#files.get(id);
  }

  async run<N extends JobName>(name: N, params: JobParams<N>, options: JobOptions = {}): Promise<JobResult<N>> {
    return this.#runs.get(jobKey(name, params), options.signal, (signal) => this.#run(name, params, signal, options));
  }

  /** The result, if it is there already. */
  peek<N extends JobName>(name: N, params: JobParams<N>): JobResult<N> | undefined {
    return this.#runs.peek(jobKey(name, params)) as JobResult<N> | undefined;
  }

  async #run<N extends JobName>(
    name: N,
    params: JobParams<N>,
    signal: AbortSignal,
    { title }: JobOptions,
  ): Promise<JobResult<N>> {
    const backend = await this.#ready();
    const cancelled = new AbortController();
    const either = AbortSignal.any([signal, cancelled.signal]);
    const task = tasks.begin(title ?? name, () => {
      cancelled.abort(new DOMException("cancelled", "AbortError"));
    });
    try {
      const onProgress = (progress: NonNullable<typeof task.progress>): void => {
        task.progress = progress;
      };
      const result = await this.#ask(backend, name, params, { signal: either, onProgress });
      this.lastRun = { name, milliseconds: performance.now() - task.started, at: new Date() };
      errors.clear(name);
      return result;
    } catch (error) {
      if (!either.aborted) this.#notice(error, name);
      throw error;
    } finally {
      tasks.end(task);
    }
  }

  /** Hands files over again that the other side has let go of, or never had: a server may have been started anew meanwhile. */
  async #ask<N extends JobName>(
    backend: Backend,
    name: N,
    params: JobParams<N>,
    options: RunOptions,
  ): Promise<JobResult<N>> {
    try {
      return await backend.run(name, params, options);
    } catch (error) {
      if (codeOf(error) !== "unknown-picture") throw error;
      const asked = JSON.stringify(params);
      const gone = [...this.#files].filter(([id]) => asked.includes(id));
      if (gone.length === 0) throw error;
      for (const [, bytes] of gone) await backend.addPicture(bytes);
      return backend.run(name, params, options);
    }
  }

  async #ready(): Promise<Backend> {
    if (this.#backend === undefined) throw new BackendError("nothing has been started yet", "lost");
    return this.#backend;
  }

  #notice(error: unknown, source = "picture"): void {
    if (isLost(error)) this.#lose(error);
    else errors.report({ source, code: codeOf(error), message: messageOf(error) });
  }

  #lose(error: unknown): void {
    this.reason = messageOf(error);
    this.status = "lost";
    this.#runs.clear();
  }
}

function jobKey(name: string, params: unknown): string {
  return `${name} ${JSON.stringify(params)}`;
}

export function isLost(error: unknown): boolean {
  return error instanceof BackendError && error.code === "lost";
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof BackendError ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const connection = new Connection();

/** Runs a job, or gives the result kept of the same job. Rejected with a `BackendError` or an `AbortError`. */
export const runJob = <N extends JobName>(name: N, params: JobParams<N>, options?: JobOptions): Promise<JobResult<N>> =>
  connection.run(name, params, options);
