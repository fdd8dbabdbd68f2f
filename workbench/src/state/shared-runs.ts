/** One run for all who ask for the same at the same time, and a few results kept. */

interface Running<R> {
  readonly promise: Promise<R>;
  readonly controller: AbortController;
  waiting: number;
}

/** How many results are kept: a few rooms' worth. */
const KEPT = 48;

export class SharedRuns {
  readonly #running = new Map<string, Running<unknown>>();
  readonly #kept = new Map<string, unknown>();

  /** What is kept under the key. */
  peek(key: string): unknown {
    return this.#kept.get(key);
  }

  /**
   * The result kept under `key`, that of a run on its way, or a new run's. Rejected with an `AbortError` as soon as `signal` is
   * aborted; the run itself is aborted when nobody waits for it any more.
   */
  async get<R>(key: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<R>): Promise<R> {
    signal?.throwIfAborted();
    if (this.#kept.has(key)) return this.#refresh(key) as R;
    const running = (this.#running.get(key) ?? this.#begin(key, start)) as Running<R>;
    running.waiting += 1;
    const leave = (): void => {
      running.waiting -= 1;
      if (running.waiting > 0) return;
      if (this.#running.get(key) === running) this.#running.delete(key);
      running.controller.abort();
    };
    if (signal === undefined) return running.promise;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        leave();
        reject(abortError());
      };
      signal.addEventListener("abort", abort, { once: true });
      const settled = (): void => {
        signal.removeEventListener("abort", abort);
      };
      running.promise.then(resolve, reject).finally(settled);
    });
  }

  /** Forgets results, for a new worker or server. */
  clear(): void {
    this.#kept.clear();
    this.#running.clear();
  }

  #begin<R>(key: string, start: (signal: AbortSignal) => Promise<R>): Running<R> {
    const controller = new AbortController();
    const promise = start(controller.signal);
    const running: Running<R> = { promise, controller, waiting: 0 };
    this.#running.set(key, running);
    const end = (): void => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    promise.then((result) => {
      if (this.#running.get(key) === running) this.#keep(key, result);
      end();
    }, end);
    return running;
  }

  #refresh(key: string): unknown {
    const result = this.#kept.get(key);
    this.#kept.delete(key);
    this.#kept.set(key, result);
    return result;
  }

  #keep(key: string, result: unknown): void {
    this.#kept.set(key, result);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}

function abortError(): DOMException {
  return new DOMException("nobody waits for this any more", "AbortError");
}
