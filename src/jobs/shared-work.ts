import type { JobControl } from "./job.js";

/** Work that several jobs wait for: all hear how it goes, and it is given up when none of them waits any more. */
export class SharedWork<T> {
  /** For who looks after the result, and does not wait as a job does. */
  readonly result: Promise<T>;
  readonly #waiting = new Set<JobControl>();
  readonly #ending = new AbortController();
  #state: "under way" | "done" | "failed" = "under way";

  constructor(start: (control: JobControl) => Promise<T>) {
    this.result = start({
      signal: this.#ending.signal,
      progress: (progress) => {
        for (const control of this.#waiting) control.progress(progress);
      },
    });
    this.result.then(
      () => (this.#state = "done"),
      () => (this.#state = "failed"),
    );
  }

  /** Given up or failed: to be done anew. */
  get ended(): boolean {
    return this.#state === "failed" || this.#ending.signal.aborted;
  }

  /** Rejected with the signal's reason as soon as the job is cancelled. */
  async join(control: JobControl): Promise<T> {
    const { signal } = control;
    signal.throwIfAborted();
    this.#waiting.add(control);
    let leave!: () => void;
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        reject(signal.reason as Error);
      };
    });
    signal.addEventListener("abort", leave);
    try {
      return await Promise.race([this.result, left]);
    } finally {
      signal.removeEventListener("abort", leave);
      this.#waiting.delete(control);
      if (this.#waiting.size === 0 && this.#state === "under way") {
        this.#ending.abort(new DOMException("cancelled", "AbortError"));
      }
    }
  }
}

/**
 * What is under this key, or on its way, or what `start` gives now. What failed is not kept. Work that was given up, because others left it
 * or what it waited for itself, is done anew: nobody is told of a cancelling that was not theirs.
 */
export async function share<T>(
  works: Map<string, SharedWork<T>>,
  key: string,
  control: JobControl,
  start: (control: JobControl) => Promise<T>,
): Promise<T> {
  for (;;) {
    const known = works.get(key);
    const work = known === undefined || known.ended ? new SharedWork(start) : known;
    if (work !== known) works.set(key, work);
    try {
      return await work.join(control);
    } catch (error) {
      if (control.signal.aborted) throw error;
      if (works.get(key) === work) works.delete(key);
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
    }
  }
}
