import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HubUnreachableError, PassingHubError } from "./answer-errors.js";
import type { Connection } from "./http.js";

/**
 * Counts the failures of one request and waits between them.
 *
 * A pause doubles from try to try, with a random part so that many clients do not come back at once; a server's
 * `Retry-After` counts for more.
 */
export class Retries {
  readonly #connection: Connection;
  #failures = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Forgets earlier failures, because the request got ahead. */
  reset(): void {
    this.#failures = 0;
  }

  /** Returns when it is time for the next try; throws `error` when there shall be none. */
  async pause(error: unknown): Promise<void> {
    const { timing, signal } = this.#connection;
    if (!(error instanceof PassingHubError) || ++this.#failures >= timing.tries) throw error;
    const longest = Math.ceil(Math.min(timing.maxWaitMs, timing.backoffMs * 2 ** (this.#failures - 1)));
    const wait = error.retryAfterMs ?? randomInt(Math.floor(longest / 2), longest + 1);
    if (wait > timing.maxWaitMs) throw error;
    await sleep(wait, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Where the first contact fails twice there is no network: who waits for an answer should have it. */
const UNREACHABLE_TRIES = 2;

/** `attempt`, made again after failures that may pass. */
export async function retrying<T>(connection: Connection, attempt: () => Promise<T>): Promise<T> {
  const retries = new Retries(connection);
  for (let unreachable = 0; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof HubUnreachableError && ++unreachable >= UNREACHABLE_TRIES) throw error;
      await retries.pause(error);
    }
  }
}
