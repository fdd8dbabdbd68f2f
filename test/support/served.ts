/** Servers of `vitrine serve` for tests, in this process, on a free port of the loopback address. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll } from "vitest";
import { type RunningServer, type ServerOptions, startServer } from "../../src/server/server.js";

export interface Served extends RunningServer {
  /** A request to `path`; a body that is no string or bytes is sent as JSON. */
  readonly ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>;
  /** Asks for a job and returns its id. */
  readonly job: (name: string, params: unknown) => Promise<string>;
  /** All events of a job. */
  readonly events: (id: string) => Promise<ServerEvent[]>;
  /** What the server told its terminal of. */
  readonly faults: unknown[];
}

/** Is closed after the test file's last test. */
export async function served(options: Partial<ServerOptions> = {}): Promise<Served> {
  const faults: unknown[] = [];
  const server = await startServer({
    models: ["clip-scenes"],
    port: 0,
    onFault: (error) => faults.push(error),
    ...options,
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= server.close());
  afterAll(close);
  const ask: Served["ask"] = (method, path, body, headers = {}) => {
    const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const type = body instanceof Uint8Array ? "application/octet-stream" : "application/json";
    return fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: { ...(body !== undefined && { "content-type": type }), ...headers },
      ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
    });
  };
  const job: Served["job"] = async (name, params) => {
    const { id } = (await (await ask("POST", `/api/jobs/${name}`, params)).json()) as { id: string };
    return id;
  };
  const events: Served["events"] = async (id) => {
    const all: ServerEvent[] = [];
    for await (const event of eventsOf(await ask("GET", `/api/jobs/${id}/events`))) all.push(event);
    return all;
  };
  return { ...server, close, ask, job, events, faults };
}

/** The code of an error that was answered. */
export async function codeOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { code: string } };
  return error.code;
}

/** Sends bytes as they stand, and returns the status of the first answer; undefined when the connection ends without. */
export async function rawStatus(port: number, bytes: string | Buffer): Promise<number | undefined> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    answer += text;
    socket.end();
  });
  // A connection that is cut is an answer as well.
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  return status === undefined ? undefined : Number(status);
}

export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** The events of a job, as they come. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      if (event !== undefined) yield { event, data: JSON.parse(data!) as unknown };
      text = text.slice(end + 2);
    }
  }
}

/** Resolves once `holds` does, looked at every few milliseconds; fails after `patience` milliseconds. */
export async function eventually(holds: () => boolean, patience = 5_000): Promise<void> {
  const end = performance.now() + patience;
  while (!holds()) {
    if (performance.now() > end) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
