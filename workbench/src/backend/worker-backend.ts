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
  let gone: BackendError | undefined;
  let next = 0;

  worker.addEventListener("error", (event) => {
    event.preventDefault();
    worker.terminate();
    gone = new BackendError(`The worker of this page ended: ${event.message || "it could not be loaded"}.`, "lost");
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
    started.reject(gone);
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
  worker.postMessage({ kind: "start", base, device } satisfies ToWorker);
  return {
    surroundings: await started.promise,
    addPicture: (bytes) => ask({ kind: "picture", bytes }) as ReturnType<Backend["addPicture"]>,
    run: (name, params, options) => ask({ kind: "run", name, params }, options) as never,
  };
}

function cancelled(): DOMException {
  return new DOMException("cancelled", "AbortError");
}
