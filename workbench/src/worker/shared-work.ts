import type { JobControl } from "vitrine/jobs";

/** Work that several jobs wait for: all hear how it goes, and it is given up when none of them waits any more. */
export class SharedWork<T> {
  readonly #waiting = new Set<JobControl>();
  readonly #ending = new AbortController();
  readonly #work: Promise<T>;
  #done = false;

  constructor(start: (control: JobControl) => Promise<T>) {
    this.#work = start({
      signal: this.#ending.signal,
      progress: (progress) => {
        for (const control of this.#waiting) control.progress(progress);
      },
    }).finally(() => {
      this.#done = true;
    });
    this.#work.catch(() => undefined);
  }

  /** Given up or failed: ask for it anew. */
  get ended(): boolean {
    return this.#ending.signal.aborted;
  }

  async join(control: JobControl): Promise<T> {
    const { signal } = control;
    signal.throwIfAborted();
    this.#waiting.add(control);
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      left.reject(signal.reason as Error);
    };
    signal.addEventListener("abort", leave);
    try {
      return await Promise.race([this.#work, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      this.#waiting.delete(control);
      if (this.#waiting.size === 0 && !this.#done) this.#ending.abort(new DOMException("cancelled", "AbortError"));
    }
  }
}
