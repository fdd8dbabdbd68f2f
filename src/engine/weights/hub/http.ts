/** One GET with time limits, whose redirects never carry the access token to another host. */

import type { ReadableStream } from "node:stream/web";
import { HubResponseError, HubTlsError, HubUnreachableError, type Wanted } from "./answer-errors.js";

export interface Timing {
  /** Longest silence, in milliseconds, before an answer and between two pieces of it. */
  readonly idleMs: number;
  /** How often a request is made that brings nothing new. */
  readonly tries: number;
  /** Pause before the second try; it doubles from try to try. */
  readonly backoffMs: number;
  /** Longest pause. A server that asks for a longer one is not asked again. */
  readonly maxWaitMs: number;
}

export const DEFAULT_TIMING: Timing = { idleMs: 30_000, tries: 6, backoffMs: 500, maxWaitMs: 60_000 };

/** How to talk to one hub. */
export interface Connection {
  /** As `hubEndpoint` returns it. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly timing: Timing;
  readonly signal: AbortSignal | undefined;
}

const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const TLS_FAILURE = /^(?:CERT_|CRL_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * Requests `url` and follows redirects. The answer may have any status.
 *
 * Throws {@link HubUnreachableError} or {@link HubTlsError} when there is none, {@link HubResponseError} for a redirect
 * that leads nowhere, and the signal's reason when it aborts.
 */
export async function get(
  connection: Connection,
  wanted: Wanted,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Exchange> {
  let target: URL = new URL(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const exchange: Exchange = await Exchange.open(connection, wanted, target, headers);
    const location = exchange.response.headers.get("location");
    if (!REDIRECTS.has(exchange.response.status) || location === null) return exchange;
    exchange.close();
    target = redirected(target, location, wanted);
  }
  throw new HubResponseError(wanted, "it redirects in a circle", `${MAX_REDIRECTS + 1} redirects`);
}

function redirected(from: URL, location: string, wanted: Wanted): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  // Hashes arrive over the same way as contents: a step down to plain HTTP would let both be altered.
  const downgrade = from.protocol === "https:" && to?.protocol === "http:";
  if (to === undefined || downgrade || !["http:", "https:"].includes(to.protocol) || to.username || to.password) {
    throw new HubResponseError(
      wanted,
      "it redirects to an unusable address",
      downgrade ? "plain http" : "no http(s) URL",
    );
  }
  return to;
}

/** A request under way: the head of its answer, and then its bytes. */
export class Exchange {
  /** The host that answered, for messages. */
  readonly server: string;
  /** Whether the hub itself answered, and not a storage host that it redirected to. */
  readonly fromHub: boolean;
  readonly #connection: Connection;
  readonly #wanted: Wanted;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => {
    this.#controller.abort();
  };
  #response: Response | undefined;

  private constructor(connection: Connection, wanted: Wanted, url: URL) {
    this.#connection = connection;
    this.#wanted = wanted;
    this.server = url.host;
    this.fromHub = url.origin === new URL(connection.endpoint).origin;
    connection.signal?.throwIfAborted();
    connection.signal?.addEventListener("abort", this.#onAbort);
  }

  static async open(
    connection: Connection,
    wanted: Wanted,
    url: URL,
    headers: Readonly<Record<string, string>>,
  ): Promise<Exchange> {
    const exchange = new Exchange(connection, wanted, url);
    const { token } = connection;
    const sent = fetch(url.href, {
      headers: {
        // fetch would undo a compression, and byte ranges would then count other bytes than ours.
        "accept-encoding": "identity",
        "user-agent": "vitrine",
        ...headers,
        ...(token !== undefined && exchange.fromHub && { authorization: `Bearer ${token}` }),
      },
      redirect: "manual",
      signal: exchange.#controller.signal,
    });
    try {
      exchange.#response = await exchange.#guard(sent);
      return exchange;
    } catch (error) {
      exchange.close();
      throw error;
    }
  }

  get response(): Response {
    if (this.#response === undefined) throw new Error("internal: an exchange is used before it is open");
    return this.#response;
  }

  /** The body, piece by piece; closes the exchange at its end. Throws as {@link get} does. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    const body: ReadableStream<Uint8Array> | null = this.response.body;
    const reader = body?.getReader();
    try {
      while (reader !== undefined) {
        const { done, value } = await this.#guard(reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      this.close();
    }
  }

  /** Drops what has not been read. May be called twice. */
  close(): void {
    this.#connection.signal?.removeEventListener("abort", this.#onAbort);
    this.#controller.abort();
  }

  /** Waits for the server, not longer than allowed. The clock stands still while the caller works on what has come. */
  async #guard<T>(work: Promise<T>): Promise<T> {
    const { idleMs } = this.#connection.timing;
    const stall = new HubUnreachableError(this.#wanted, this.server, `silence for ${idleMs / 1000} s`);
    const timer = setTimeout(() => {
      this.#controller.abort(stall);
    }, idleMs);
    try {
      return await work;
    } catch (error) {
      this.#connection.signal?.throwIfAborted();
      throw this.#controller.signal.reason === stall ? stall : this.#failure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(error: unknown): Error {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    const reason = code === "" ? cause.message : `${code}${cause.message === "" ? "" : ` (${cause.message})`}`;
    const facts = [this.#wanted, this.server, reason.slice(0, 200), cause] as const;
    return TLS_FAILURE.test(code) ? new HubTlsError(...facts) : new HubUnreachableError(...facts);
  }
}
