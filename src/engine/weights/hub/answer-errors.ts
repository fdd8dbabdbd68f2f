/**
 * What a hub, or the way to it, can answer instead of a file.
 *
 * @file No message of these ever holds the access token.
 */

import { type ErrorFacts, VitrineError } from "../../errors.js";
import { isCommit } from "./commit.js";

/** The repository, and where it matters the revision and the file, that a request was about. */
export interface Wanted {
  readonly endpoint: string;
  readonly repo: string;
  readonly revision: string;
  readonly file?: string;
}

export function showWanted({ repo, revision, file }: Wanted): string {
  const short = isCommit(revision) ? revision.slice(0, 12) : revision;
  return `${repo}@${short}${file === undefined ? "" : ` ${file}`}`;
}

/** A failure that may pass: the request is worth repeating after a while. */
export abstract class PassingHubError extends VitrineError {
  /** What the server asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(facts: ErrorFacts, retryAfterMs?: number) {
    super(facts);
    this.retryAfterMs = retryAfterMs;
  }
}

/** 401 without a token: hubs give this one answer for a repository that is private and for one that does not exist. */
export class HubSignInError extends VitrineError {
  readonly code = "hub-sign-in";

  constructor(wanted: Wanted) {
    super({
      what: "the hub shows no such repository to anonymous users: it does not exist, or it is private",
      where: showWanted(wanted),
      fix: "check the spelling, or set HF_TOKEN to a token that may read it",
    });
  }
}

/** 401 although a token was sent. */
export class HubTokenRejectedError extends VitrineError {
  readonly code = "hub-token-rejected";

  constructor(wanted: Wanted) {
    super({
      what: "the hub rejected the access token",
      where: showWanted(wanted),
      fix: `make a new token at ${wanted.endpoint}/settings/tokens and set HF_TOKEN`,
    });
  }
}

/** The repository's owner wants its conditions accepted first. */
export class HubGatedError extends VitrineError {
  readonly code = "hub-gated";

  constructor(wanted: Wanted) {
    super({
      what: "the repository is gated",
      where: showWanted(wanted),
      fix: `accept its conditions at ${wanted.endpoint}/${wanted.repo} and set HF_TOKEN to a token of that account`,
    });
  }
}

/** 403 that is not about gating, such as a fine-grained token without this repository. */
export class HubForbiddenError extends VitrineError {
  readonly code = "hub-forbidden";

  constructor(wanted: Wanted, said: string) {
    super({
      what: "the hub refuses access to the repository",
      where: showWanted(wanted),
      ...(said && { got: `"${said}"` }),
      fix: "use a token whose permissions cover this repository",
    });
  }
}

export class HubRepoNotFoundError extends VitrineError {
  readonly code = "hub-repo-not-found";

  constructor(wanted: Wanted) {
    super({
      what: "the hub has no such repository, or your token may not see it",
      where: `${wanted.repo} at ${wanted.endpoint}`,
      fix: "check the spelling of the repository id and the account behind HF_TOKEN",
    });
  }
}

export class HubRevisionNotFoundError extends VitrineError {
  readonly code = "hub-revision-not-found";

  constructor(wanted: Wanted) {
    super({
      what: "the repository has no such revision",
      where: wanted.repo,
      got: `"${wanted.revision}"`,
      expected: "a branch, a tag or a full commit hash",
      fix: `see ${wanted.endpoint}/${wanted.repo}/tree/main`,
    });
  }
}

export class HubFileNotFoundError extends VitrineError {
  readonly code = "hub-file-not-found";

  constructor(wanted: Wanted) {
    super({
      what: "the repository has no such file at this revision",
      where: showWanted(wanted),
      fix: `see ${wanted.endpoint}/${wanted.repo}/tree/${wanted.revision} for the files it has`,
    });
  }
}

/** 429, still after the last try. */
export class HubBusyError extends PassingHubError {
  readonly code = "hub-busy";

  constructor(wanted: Wanted, retryAfterMs: number | undefined) {
    const wait = retryAfterMs === undefined ? "a few minutes" : `${Math.ceil(retryAfterMs / 1000)} s`;
    super(
      {
        what: "the hub answers that there were too many requests (429)",
        where: showWanted(wanted),
        fix: `wait ${wait} and run again; finished parts are kept, and requests with HF_TOKEN have a higher limit`,
      },
      retryAfterMs,
    );
  }
}

/** A 5xx, or a status no hub should answer, still after the last try. */
export class HubServerError extends PassingHubError {
  readonly code = "hub-server";

  constructor(wanted: Wanted, server: string, status: number, retryAfterMs?: number) {
    super(
      {
        what: "the server failed",
        where: showWanted(wanted),
        got: `status ${status} from ${server}`,
        expected: "200",
        fix: "try again later; finished parts are kept",
      },
      retryAfterMs,
    );
  }
}

/** No connection could be made, or it fell silent before an answer came. */
export class HubUnreachableError extends PassingHubError {
  readonly code = "hub-unreachable";

  constructor(wanted: Wanted, server: string, reason: string, cause?: unknown) {
    super({
      what: `cannot reach ${server}`,
      where: showWanted(wanted),
      got: reason,
      fix: "check the network, use --offline for what is in the cache, or give a folder that holds the model's files",
      ...(cause !== undefined && { cause }),
    });
  }
}

/** The connection broke within a file, too often; or the file was taken away. */
export class HubInterruptedError extends PassingHubError {
  readonly code = "hub-interrupted";

  constructor(wanted: Wanted, received: number, total: number, reason: string, cause?: unknown) {
    super({
      what: "the download broke off",
      where: showWanted(wanted),
      got: `${received} of ${total} bytes (${reason})`,
      fix: "run again: the download goes on from what was received",
      ...(cause !== undefined && { cause }),
    });
  }
}

export class HubTlsError extends VitrineError {
  readonly code = "hub-tls";

  constructor(wanted: Wanted, server: string, reason: string, cause: unknown) {
    super({
      what: `no secure connection to ${server}`,
      where: showWanted(wanted),
      got: reason,
      fix: "check the clock and HF_ENDPOINT; behind a proxy that re-signs traffic point NODE_EXTRA_CA_CERTS at its certificate",
      cause,
    });
  }
}

/** The server answered 200 with something that no hub says. */
export class HubResponseError extends VitrineError {
  readonly code = "hub-response";

  constructor(wanted: Wanted, what: string, got: string, cause?: unknown) {
    super({
      what: `the hub's answer makes no sense: ${what}`,
      where: showWanted(wanted),
      got,
      fix: `check that HF_ENDPOINT (${wanted.endpoint}) is a Hugging Face hub and not, say, a login page`,
      ...(cause !== undefined && { cause }),
    });
  }
}

/** More metadata than any model has: refused before it fills the memory. */
export class HubMetadataTooLargeError extends VitrineError {
  readonly code = "hub-metadata-too-large";

  constructor(wanted: Wanted, what: string, got: string, expected: string) {
    super({
      what,
      where: showWanted(wanted),
      got,
      expected,
      fix: "use another repository, or a folder with its files",
    });
  }
}
