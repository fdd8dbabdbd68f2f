/** A worker of this page as backend: nothing leaves the machine. */
import type { Progress } from "vitrine/jobs";
import type { FromWorker, ToWorker } from "../worker/protocol";
import { type Backend, BackendError, type RunOptions, type Surroundings } from "./backend";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

type Asked = Omit<Extract<ToWorker, { kind: "run" }>, "id"> | Omit<Extract<ToWorker, { kind: "picture" }>, "id">;

/** Starts the worker; it uses the CPU where `device` is not to be had. Rejected with a {@link BackendError} when it cannot start. */
export async function startWorker(device: Surroundings["device"] = "cpu"): Promise<Backend> {
  const worker = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  const started = Promise.withResolvers<Surroundings>();
  const lost = Promise.withResolvers<BackendError>();
  let gone: BackendError | undefined;
  let next = 0;

  const lose = (why: string): void => {
    if (gone !== undefined) return;
    worker.terminate();
    gone = new BackendError(`The worker of this page ended: ${why}.`, "lost");
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
    started.reject(gone);
    lost.resolve(gone);
  };
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    lose(event.message || "it could not be loaded");
  });
  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "started") {
      started.resolve(data.surroundings);
      return;
    }
    const asker = waiting.get(data.id);
    if (data.kind === "progress") {
      asker?.onProgress?.(data.progress);
      return;
    }
    waiting.delete(data.id);
    if (data.kind === "done") asker?.resolve(data.result);
    else asker?.reject(data.code === "cancelled" ? cancelled() : new BackendError(data.message, data.code));
  });

  const ask = (asked: Asked, { signal, onProgress }: RunOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone !== undefined) throw gone;
      if (signal?.aborted) throw cancelled();
      const id = next++;
      waiting.set(id, { resolve, reject, onProgress });
      signal?.addEventListener("abort", () => {
        // The worker may be in the middle of a step: who asked is told at once.
        if (!waiting.delete(id)) return;
        worker.postMessage({ kind: "cancel", id } satisfies ToWorker);
        reject(cancelled());
      });
      worker.postMessage({ ...asked, id } satisfies ToWorker);
    });

  const base = new URL(import.meta.env.BASE_URL, document.baseURI).href;
  const life = `vitrine worker ${performance.timeOrigin} ${Math.random()}`;
  worker.postMessage({ kind: "start", base, device, life } satisfies ToWorker);
  const surroundings = await started.promise;
  // A worker that runs out of memory says nothing: what is left of it is a lock that is free.
  void whenFree(life).then(() => {
    lose("the browser has ended it, perhaps for want of memory");
  });
  return {
    surroundings,
    lost: lost.promise,
    addPicture: (bytes) => ask({ kind: "picture", bytes }) as ReturnType<Backend["addPicture"]>,
    run: (name, params, options) => ask({ kind: "run", name, params }, options) as never,
  };
}

function whenFree(lock: string): Promise<void> {
  const { locks } = navigator as { locks?: LockManager };
  return locks?.request(lock, () => undefined) ?? new Promise(() => undefined);
}

function cancelled(): DOMException {
  return new DOMException("cancelled", "AbortError");
}
