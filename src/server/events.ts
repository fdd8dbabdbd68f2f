/** A job as a stream of events: `progress` any number of times, then one of `done`, `failed` and `cancelled`. */
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { ServerBusyError } from "./errors.js";
import type { Outcome, ServedJob } from "./served-job.js";

/** Progress is skipped for listeners that are this many bytes behind. */
const BEHIND = 1 << 20;

/**
 * Streams until the job or the connection ends. A comment every `heartbeat` milliseconds tells the listener that the server is there;
 * a listener that takes nothing for twice as long is let go of. Throws {@link ServerBusyError}.
 */
export function streamEvents(job: ServedJob, reply: FastifyReply, heartbeat: number): void {
  const out = reply.raw;
  const stop = job.listen({
    progress: (progress) => {
      begin();
      if (out.writableLength < BEHIND) out.write(event("progress", JSON.stringify(progress)));
    },
    ended: (outcome) => {
      begin();
      out.write(`event: ${outcome.state}\ndata: `);
      out.write(dataOf(outcome));
      out.end("\n\n");
    },
  });
  if (stop === undefined) throw new ServerBusyError({ what: "too many listen to this job", got: job.id });
  begin();
  out.on("close", stop);
  beat(out, heartbeat);

  /** Once it is sure that there will be a stream. */
  function begin(): void {
    if (reply.sent) return;
    reply.hijack();
    out.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    out.write(": listening\n\n");
  }
}

function beat(out: ServerResponse, heartbeat: number): void {
  const timer = setInterval(() => {
    // A connection with something yet to send shows by itself whether it lives.
    if (out.writableLength === 0 && !out.writableEnded) out.write(":\n\n");
  }, heartbeat).unref();
  out.setTimeout(2 * heartbeat);
  out.on("close", () => {
    clearInterval(timer);
  });
}

function dataOf(outcome: Outcome): string | Buffer {
  if (outcome.state === "done") return outcome.result;
  return JSON.stringify(outcome.state === "failed" ? { error: outcome.error } : {});
}

/** JSON has no line breaks of its own. */
const event = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`;
