/** What the worker does with what it is told: runs jobs, and tells how they go. */
import { configureWebRuntime, VERSION, VitrineError, webThreads } from "vitrine/browser";
import { type JobContext, type JobControl, type JobName, JOBS } from "vitrine/jobs";
import type { Surroundings } from "../backend/backend";
import { pagePictures } from "./page-pictures";
import type { FromWorker, ToWorker } from "./protocol";
import { siteModels } from "./site-models";

const say = (message: FromWorker): void => {
  postMessage(message);
};

let context: Promise<JobContext> | undefined;
const running = new Map<number, AbortController>();

export function hear(told: ToWorker): void {
  if (told.kind === "start") context = holdLife(told.life).then(() => start(new URL(told.base), told.device));
  else if (told.kind === "cancel") running.get(told.id)?.abort();
  else void answer(told);
}

/** Resolved once the lock is held. The browser lets go of it when the worker ends, for whatever reason. */
function holdLife(name: string): Promise<void> {
  return new Promise((resolve) => {
    // Pages without a secure context have no locks, and cannot be told.
    const { locks } = navigator as { locks?: LockManager };
    if (locks === undefined) resolve();
    else
      void locks.request(name, () => {
        resolve();
        return new Promise(() => undefined);
      });
  });
}

async function start(base: URL, wanted: Surroundings["device"]): Promise<JobContext> {
  const device = wanted === "webgpu" && (await hasGpu()) ? "webgpu" : "cpu";
  const [cpu, gpu] = [await import("./cpu-module"), device === "webgpu" ? await import("./gpu-module") : undefined];
  configureWebRuntime({ cpu: cpu.default.files, ...(gpu && { webgpu: gpu.default.files }) });
  const notice = noticeOf(wanted, device);
  const surroundings: Surroundings = {
    kind: "browser",
    device,
    threads: webThreads(),
    version: VERSION,
    ...(notice === undefined ? {} : { notice }),
  };
  say({ kind: "started", surroundings });
  return { models: siteModels(base, device), pictures: pagePictures(), kept: new Map() };
}

async function hasGpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return Boolean(await gpu?.requestAdapter());
}

function noticeOf(wanted: Surroundings["device"], device: Surroundings["device"]): string | undefined {
  if (wanted === "webgpu" && device === "cpu") return "This browser offers no WebGPU here: the CPU is used.";
  if (crossOriginIsolated) return undefined;
  return "One thread only: the page is not cross-origin isolated.";
}

async function answer(asked: Exclude<ToWorker, { kind: "start" | "cancel" }>): Promise<void> {
  const { id } = asked;
  const control = new AbortController();
  running.set(id, control);
  try {
    const ready = await context!;
    const result =
      asked.kind === "picture"
        ? await ready.pictures.add(asked.bytes)
        : await run(ready, asked.name, asked.params, {
            signal: control.signal,
            progress: (progress) => {
              say({ kind: "progress", id, progress });
            },
          });
    say({ kind: "done", id, result });
  } catch (error) {
    say({ kind: "failed", id, ...inWords(error) });
  } finally {
    running.delete(id);
  }
}

function run(ready: JobContext, name: string, params: unknown, control: JobControl): Promise<unknown> {
  const job = JOBS[name as JobName] as (typeof JOBS)["decompose"];
  return job.run(ready, job.params.parse(params), control);
}

function inWords(error: unknown): { readonly message: string; readonly code: string } {
  if (error instanceof VitrineError) return { message: error.message, code: error.code };
  if (error instanceof Error && error.name === "AbortError") return { message: "cancelled", code: "cancelled" };
  return { message: error instanceof Error ? error.message : String(error), code: "internal" };
}
