import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type PictureAnswer, type PictureJob, pixelsOf } from "./picture-worker.js";

/** More threads than this would only fill memory with decoded pictures. */
const MOST_THREADS = 4;

/** Threads that make model input of picture files. Each has one decoded picture in memory at a time. */
export class PictureThreads implements AsyncDisposable {
  readonly #workers: readonly Worker[];

  /** Half of the cores, for the model runs at the same time. */
  constructor(count = Math.max(1, Math.min(MOST_THREADS, availableParallelism() >> 1))) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(new URL("picture-worker.js", import.meta.url));
      worker.unref();
      return worker;
    });
  }

  /** Does `jobs` and hands the pixels [3,S,S] of each, by its index, to `take`. Throws the errors of `decodeImage`. */
  async run(jobs: readonly PictureJob[], take: (index: number, pixels: Float32Array) => void): Promise<void> {
    const queue = jobs.entries();
    const work = async (worker: Worker): Promise<void> => {
      // The iterator is shared: whichever thread is free takes the next.
      for (const [index, job] of queue) {
        worker.postMessage(job);
        const [answer] = (await once(worker, "message")) as [PictureAnswer];
        take(index, answer ?? (await pixelsOf(job)));
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
