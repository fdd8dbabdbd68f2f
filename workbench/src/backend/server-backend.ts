/** `vitrine serve` as backend: jobs run on the server's machine. */
import type { JobName, JobParams, PictureInfo, Progress } from "vitrine/jobs";
import { fromWire, type Json } from "vitrine/wire";
import { type Backend, BackendError, type RunOptions, type Surroundings } from "./backend.js";
import { serverEvents } from "./server-events.js";

/** How long to wait before listening to a job again, in milliseconds. The server keeps a job for 5 seconds with nobody listening. */
const PAUSES = [100, 400, 1_000, 2_000];

/** The server gives a sign of life every 10 seconds. */
const SILENCE = 25_000;

interface ServerInfo {
  readonly version: string;
  readonly device: Surroundings["device"];
  readonly threads: number;
  readonly limits: { readonly pictureBytes: number };
}

/**
 * Connects to the server whose site lies at `base`. Rejected with a {@link BackendError}: "lost" when there is no answer. A backend that
 * has lost its server works again once the server is back, but pictures have then to be handed over again.
 */
export async function connectServer(base: URL, token?: string): Promise<Backend> {
  const api = new ServerApi(base, token);
  const info = await api.json<ServerInfo>("GET", "info");
  const notice = noticeOf(base);
  return {
    surroundings: {
      kind: "server",
      device: info.device,
      threads: info.threads,
      version: info.version,
      ...(notice === undefined ? {} : { notice }),
    },
    addPicture: (bytes) => addPicture(api, bytes, info.limits.pictureBytes),
    run: (name, params, options) => run(api, name, params, options) as never,
  };
}

async function addPicture(api: ServerApi, bytes: Uint8Array, limit: number): Promise<PictureInfo> {
  // Sent, it would be refused in the middle, and the answer might not arrive.
  if (bytes.length > limit) {
    const [size, most] = [bytes.length, limit].map((count) => `${(count / 2 ** 20).toFixed(1)} MB`) as [string, string];
    throw new BackendError(`The picture's file has ${size}; the server takes up to ${most}.`, "request-too-large");
  }
  return api.json("POST", "pictures", new Uint8Array(bytes), "application/octet-stream");
}

async function run<N extends JobName>(
  api: ServerApi,
  name: N,
  params: JobParams<N>,
  { signal, onProgress }: RunOptions = {},
): Promise<unknown> {
  if (signal?.aborted) throw cancelled();
  const given = new AbortController();
  const onAbort = (): void => {
    given.abort();
  };
  signal?.addEventListener("abort", onAbort);
  // Who asked is told at once that it is over, whatever the server does.
  const over = new Promise<never>((_, reject) => {
    given.signal.addEventListener("abort", () => {
      reject(cancelled());
    });
  });
  try {
    return await Promise.race([over, ask(api, name, params, given.signal, onProgress)]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function ask(
  api: ServerApi,
  name: string,
  params: unknown,
  signal: AbortSignal,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<unknown> {
  const { id } = await api.json<{ readonly id: string }>(
    "POST",
    `jobs/${name}`,
    JSON.stringify(params),
    "application/json",
  );
  try {
    return await follow(api, id, signal, onProgress);
  } finally {
    if (signal.aborted) void api.request("DELETE", `jobs/${id}`).catch(() => undefined);
  }
}

/** Listens until the job ends; where the connection breaks, again. */
async function follow(
  api: ServerApi,
  id: string,
  signal: AbortSignal,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<unknown> {
  for (let breaks = 0; ; breaks++) {
    signal.throwIfAborted();
    try {
      for await (const { event, data } of api.events(id, signal)) {
        breaks = 0;
        const value = JSON.parse(data) as Json;
        if (event === "progress") onProgress?.(value as unknown as Progress);
        else if (event === "done") return fromWire(value);
        else throw endedBy(event, value);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BackendError)) throw error;
      if (error.code === "job-gone" && breaks > 0) throw lost("it was started anew");
      if (error.code !== "lost") throw error;
      if (breaks >= PAUSES.length) throw error;
    }
    if (breaks >= PAUSES.length) throw lost("it hung up");
    await new Promise((resolve) => setTimeout(resolve, PAUSES[breaks]));
  }
}

function endedBy(event: string, value: Json): BackendError {
  const { error } = value as unknown as { readonly error?: { readonly code: string; readonly message: string } };
  if (event === "failed" && error !== undefined) return failure(error);
  return new BackendError(
    "The server ended this job, since nobody listened to it for a while. Ask for it again.",
    "job-gone",
  );
}

/** Requests to the server's API. */
class ServerApi {
  readonly #root: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(base: URL, token: string | undefined) {
    this.#root = new URL("api/", base);
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Rejected with a {@link BackendError}, or what `signal` gives as its reason. */
  async request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(new URL(path, this.#root), { ...init, method, headers }).catch((cause: unknown) => {
      throw init.signal?.aborted ? cause : lost("it does not answer");
    });
    if (response.ok) return response;
    throw failure(await errorOf(response));
  }

  async json<T>(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, type?: string): Promise<T> {
    const sent = body === undefined ? {} : { body, headers: { "content-type": type! } };
    const response = await this.request(method, path, sent);
    return response.json().catch(() => {
      throw lost("its answer was cut short");
    }) as Promise<T>;
  }

  /** The events of a job, until it ends or the connection does. */
  async *events(id: string, signal: AbortSignal): ReturnType<typeof serverEvents> {
    const attempt = new AbortController();
    const stop = (): void => {
      attempt.abort();
    };
    signal.addEventListener("abort", stop);
    let timer = setTimeout(stop, SILENCE);
    try {
      const { body } = await this.request("GET", `jobs/${id}/events`, { signal: attempt.signal });
      yield* serverEvents(body!, () => {
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE);
      });
    } catch (error) {
      throw error instanceof BackendError ? error : lost("the connection broke");
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }
}

async function errorOf(response: Response): Promise<{ readonly code: string; readonly message: string }> {
  try {
    const { error } = (await response.json()) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    return { code: error.code, message: error.message };
  } catch {
    return { code: "lost", message: `The server answers as no Vitrine server does: status ${response.status}.` };
  }
}

/** A server that is about to end is as good as lost. */
function failure({ code, message }: { readonly code: string; readonly message: string }): BackendError {
  return code === "server-stopping" ? lost("it was stopped") : new BackendError(message, code);
}

const lost = (why: string): BackendError =>
  new BackendError(`The server of this page is gone: ${why}. Start it again with \`vitrine serve\`.`, "lost");

const cancelled = (): DOMException => new DOMException("cancelled", "AbortError");

/** Told where pictures leave the machine that the page is on. */
function noticeOf({ hostname, protocol }: URL): string | undefined {
  if (/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return undefined;
  const open = protocol === "https:" ? "" : ", over a connection that is not encrypted";
  return `Pictures are sent to ${hostname}${open}, and looked at there.`;
}
