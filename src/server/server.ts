/** `vitrine serve`: the workbench and the API on one port. */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import Fastify, { type FastifyInstance } from "fastify";
import type { Device } from "../engine/runtime/session.js";
import type { HubAccess } from "../models/locate.js";
import { JOBS } from "../jobs/index.js";
import { api } from "./api.js";
import { type ServerContext, serverContext } from "./context.js";
import { AddressUnusableError, ServerStoppingError } from "./errors.js";
import { checkHost, isLoopback, SECURITY_HEADERS } from "./guard.js";
import { JobBoard, type Jobs } from "./job-board.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import { refuseConnection, sendRefusal } from "./refusals.js";
import { SITE, site } from "./site.js";

export interface ServerOptions {
  /** References of the models that can be asked for, as `loadClip` takes them. */
  readonly models: readonly string[];
  /** 127.0.0.1 unless told. On any other than a loopback address, requests must show a token. */
  readonly host?: string;
  /** 0 for any that is free. Unless told, 7777 or one of the next that is free. */
  readonly port?: number;
  readonly device?: Device;
  readonly hub?: HubAccess;
  /** The folder of the built workbench. */
  readonly folder?: string;
  readonly limits?: Partial<Limits>;
  /** Vitrine's own unless told. */
  readonly jobs?: Jobs;
  /** Told of faults in Vitrine, which requests are not told of. */
  readonly onFault?: (error: unknown) => void;
}

export interface RunningServer {
  /** What to open: with the token, where one is needed. */
  readonly address: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly board: JobBoard;
  /** Takes no more requests, ends jobs, and frees models. */
  close(): Promise<void>;
}

const FIRST_PORT = 7777;
const PORTS_TRIED = 50;
/** For what is being sent while the server stops, in milliseconds. */
const LAST_WORDS = 2_000;

/** Throws {@link AddressUnusableError}, and what `loadClip` throws of the models. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { models, hub, device = "cpu", host: named = "127.0.0.1", jobs = JOBS, onFault = () => undefined } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const host = named === "localhost" ? "127.0.0.1" : named;
  const token = isLoopback(host) ? undefined : randomBytes(24).toString("base64url");
  const context = await serverContext({ refs: models, device, ...(hub === undefined ? {} : { hub }) }, limits);
  const board = new JobBoard({ jobs, context, limits, between: () => context.models.rest(), onFault });
  const stopping = new AbortController();
  const build = (): FastifyInstance =>
    application({
      jobs,
      context,
      board,
      limits,
      device,
      token,
      stopping: stopping.signal,
      onFault,
      folder: options.folder ?? SITE,
    });
  const app = await listen(build, host, options.port);
  const { port } = app.server.address() as AddressInfo;
  const query = token === undefined ? "" : `?token=${token}`;
  return {
    address: `http://${reachable(host)}:${port}/${query}`,
    port,
    token,
    board,
    async close() {
      stopping.abort();
      const closed = app.close();
      const idle = await board.stop();
      const timer = setTimeout(() => {
        app.server.closeAllConnections();
      }, LAST_WORDS);
      await closed;
      clearTimeout(timer);
      // What still computes would lose its memory under its feet; the process ends soon.
      if (idle) await context.models.rest(0);
    },
  };
}

interface Parts {
  readonly jobs: Jobs;
  readonly context: ServerContext;
  readonly board: JobBoard;
  readonly limits: Limits;
  readonly device: Device;
  readonly token: string | undefined;
  readonly stopping: AbortSignal;
  readonly folder: string;
  readonly onFault: (error: unknown) => void;
}

function application({ stopping, folder, onFault, ...parts }: Parts): FastifyInstance {
  const { limits, token } = parts;
  const app = Fastify({
    requestTimeout: limits.request,
    // Answered in our own words, below.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    http: { headersTimeout: Math.min(10_000, limits.request), connectionsCheckingInterval: 2_000 },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => void sendRefusal(error, request, reply, onFault),
  });
  app.server.maxConnections = limits.connections;
  // Who asks before sending is told at once.
  app.server.on("checkContinue", (request, response) => {
    if (Number(request.headers["content-length"] ?? 0) <= limits.pictureBytes) response.writeContinue();
    app.server.emit("request", request, response);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, app.getDefaultJsonParser("error", "error"));
  app.setErrorHandler((error, request, reply) => sendRefusal(error, request, reply, onFault));
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (token === undefined) checkHost(headers);
    if (stopping.aborted) throw new ServerStoppingError({ what: "the server is stopping" });
  });
  app.register(
    (routes, _, done) => {
      api(routes, parts);
      done();
    },
    { prefix: "/api" },
  );
  site(app, { folder });
  return app;
}

async function listen(build: () => FastifyInstance, host: string, port: number | undefined): Promise<FastifyInstance> {
  const first = port ?? FIRST_PORT;
  const last = port ?? FIRST_PORT + PORTS_TRIED - 1;
  for (let tried = first; ; tried++) {
    const app = build();
    try {
      await app.listen({ host, port: tried });
      return app;
    } catch (error) {
      await app.close();
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" && tried < last) continue;
      throw unusable(host, first, last, error);
    }
  }
}

function unusable(host: string, first: number, last: number, cause: unknown): unknown {
  const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ""];
  if (reason === undefined) return cause;
  const [got, fix] = reason;
  const where = first === last ? `${host}:${first}` : `${host}, ports ${first} to ${last}`;
  return new AddressUnusableError({ what: "cannot listen there", where, got, fix, cause });
}

const REASONS: Readonly<Record<string, readonly [got: string, fix: string]>> = {
  EADDRINUSE: ["a port in use", "choose another --port, or 0 for any that is free"],
  EACCES: ["a port that needs more rights", "choose a --port from 1024"],
  EADDRNOTAVAIL: ["an address that is not this machine's", "choose another --host, such as 127.0.0.1 or 0.0.0.0"],
  ENOTFOUND: ["an unknown name", "choose another --host, such as 127.0.0.1 or 0.0.0.0"],
  EAI_AGAIN: ["a name that cannot be looked up", "choose another --host, such as 127.0.0.1 or 0.0.0.0"],
};

/** For a server on all addresses, one by which other machines reach it. */
function reachable(host: string): string {
  if (host !== "0.0.0.0" && host !== "::") return host.includes(":") ? `[${host}]` : host;
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  return outside?.address ?? "127.0.0.1";
}
