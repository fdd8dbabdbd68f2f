/** The routes under /api. Nothing in here knows what jobs there are. */
import { availableParallelism } from "node:os";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Device } from "../engine/runtime/session.js";
import { VERSION } from "../version.js";
import type { ServerContext } from "./context.js";
import { JobParamsError, NotServedError, ServerBusyError } from "./errors.js";
import { streamEvents } from "./events.js";
import { checkOrigin, checkToken } from "./guard.js";
import type { JobBoard, Jobs } from "./job-board.js";
import type { Limits } from "./limits.js";
import { openApiDocument } from "./openapi.js";

export interface ApiOptions {
  readonly jobs: Jobs;
  readonly context: ServerContext;
  readonly board: JobBoard;
  readonly limits: Limits;
  readonly device: Device;
  /** What requests must show, if anything. */
  readonly token: string | undefined;
}

interface OfJob {
  readonly Params: { readonly id: string };
}

/** A plugin: hooks and parsers hold for its routes alone. */
export function api(app: FastifyInstance, { jobs, context, board, limits, device, token }: ApiOptions): void {
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.header("cache-control", "no-store");
    checkOrigin(headers);
    if (token !== undefined) checkToken(headers, token);
  });

  const document = openApiDocument(jobs);
  app.get("/info", () => ({
    version: VERSION,
    device,
    threads: availableParallelism(),
    limits: {
      pictureBytes: limits.pictureBytes,
      pixels: limits.pixels,
      paramsBytes: limits.paramsBytes,
      waitingJobs: limits.waiting,
    },
    jobs: Object.keys(jobs),
  }));
  app.get("/openapi.json", () => document);

  app.post("/jobs/:name", { bodyLimit: limits.paramsBytes }, async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    const job = board.submit(name, checkedParams(jobs, name, request.body));
    return reply.code(202).header("location", `/api/jobs/${job.id}`).send({ id: job.id });
  });
  app.get<OfJob>("/jobs/:id", (request, reply) => {
    const job = board.get(request.params.id);
    job.asked();
    const { outcome } = job;
    const report = { ...job.report(), ...(outcome?.state === "failed" && { error: outcome.error }) };
    if (outcome?.state !== "done") return report;
    const head = `${JSON.stringify(report).slice(0, -1)},"result":`;
    return reply
      .type("application/json; charset=utf-8")
      .send(Buffer.concat([Buffer.from(head), outcome.result, Buffer.from("}")]));
  });
  app.get<OfJob>("/jobs/:id/events", (request, reply) => {
    streamEvents(board.get(request.params.id), reply, limits.heartbeat);
  });
  app.delete<OfJob>("/jobs/:id", (request, reply) => {
    board.cancel(request.params.id);
    return reply.code(204).send();
  });

  app.register((pictures, _, done) => {
    let uploads = 0;
    for (const type of ["application/octet-stream", /^image\/[\w.+-]+$/]) {
      pictures.addContentTypeParser(type, { parseAs: "buffer" }, takeBody);
    }
    // Before anything of the body is read.
    pictures.addHook("onRequest", async (_request, reply) => {
      if (uploads >= limits.uploads) throw new ServerBusyError({ what: "too many pictures are being handed over" });
      uploads++;
      reply.raw.once("close", () => uploads--);
    });
    pictures.post("/pictures", { bodyLimit: limits.pictureBytes }, ({ body }) =>
      // A request with neither a body nor a type of one is not parsed.
      context.pictures.add((body as Buffer | undefined) ?? new Uint8Array(0)),
    );
    done();
  });
}

/** Throws {@link NotServedError}, {@link JobParamsError}. */
function checkedParams(jobs: Jobs, name: string, body: unknown): unknown {
  if (!Object.hasOwn(jobs, name)) {
    const expected = `one of ${Object.keys(jobs).join(", ")}`;
    throw new NotServedError({ what: "no such job", got: JSON.stringify(name.slice(0, 200)), expected });
  }
  const parsed = jobs[name]!.params.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new JobParamsError({
    what: "unusable parameters",
    where: name,
    got: inWords(parsed.error.issues),
    fix: "see /api/openapi.json for what the job takes",
  });
}

const MAX_ISSUES = 5;

function inWords(issues: readonly z.core.$ZodIssue[]): string {
  const told = issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
    const place = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
    return `${place.replace(/^\./, "") || "the whole"}: ${message}`;
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join("; ");
}

function takeBody(_: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void): void {
  done(null, body);
}
