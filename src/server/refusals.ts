/** Errors as answers: a status, and `{"error": {code, message}}`. */
import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { VitrineError } from "../engine/errors.js";
import { MalformedRequestError, MediaTypeError, NotServedError, RefusedError, RequestTooLargeError } from "./errors.js";
import { failureOf } from "./failure.js";

/** What pictures are refused with that are too large, in bytes or in pixels. */
const TOO_LARGE = new Set(["image-file-too-large", "image-too-many-pixels"]);

export async function sendRefusal(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  onFault: (error: unknown) => void,
): Promise<FastifyReply> {
  const known = explained(error, request);
  if (known instanceof RefusedError && known.retryAfter !== undefined) reply.header("retry-after", known.retryAfter);
  reply.header("cache-control", "no-store");
  return reply.code(statusOf(known)).send({ error: failureOf(known, onFault) });
}

/** Answers what is not HTTP, or does not arrive in time; the connection ends with it. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, what] = CLIENT_ERRORS[error.code ?? ""] ?? [400, "the request is not HTTP"];
  const { code, message } = new MalformedRequestError({ what }, status);
  const body = JSON.stringify({ error: { code, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]!}`,
    "Connection: close",
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "X-Content-Type-Options: nosniff",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, what: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive in time"],
  HPE_HEADER_OVERFLOW: [431, "the request's headers are too large"],
};

function statusOf(error: unknown): number {
  if (error instanceof RefusedError) return error.status;
  if (error instanceof VitrineError) return TOO_LARGE.has(error.code) ? 413 : 422;
  return 500;
}

/** The framework's errors in our words. */
function explained(error: unknown, request: FastifyRequest): unknown {
  if (error instanceof VitrineError) return error;
  const { statusCode: status, message } = error as Partial<FastifyError>;
  if (status === undefined || status < 400 || status >= 500) return error;
  const { "content-length": length, "content-type": type } = request.headers;
  if (status === 404) return notServed(request);
  if (status === 413) {
    const got = length === undefined ? {} : { got: `${length} bytes` };
    const expected = `at most ${request.routeOptions.bodyLimit} bytes`;
    return new RequestTooLargeError({ what: "the request is too large", ...got, expected });
  }
  if (status === 415) {
    const expected = request.url.startsWith("/api/pictures")
      ? "application/octet-stream or a type of pictures, such as image/png"
      : "application/json";
    const got = type === undefined ? "none" : JSON.stringify(type);
    return new MediaTypeError({ what: "the body is of another type", where: "Content-Type header", got, expected });
  }
  return new MalformedRequestError({ what: (message ?? "the request cannot be read").replace(/\.$/, "") }, status);
}

export function notServed({ method, url }: FastifyRequest): NotServedError {
  const got = JSON.stringify(`${method} ${url.slice(0, 200)}`);
  return new NotServedError({ what: "nothing is served here", got, fix: "see /api/openapi.json for what is" });
}
