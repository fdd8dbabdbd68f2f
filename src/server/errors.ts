/** What the server refuses, each with its HTTP status. */
import { type ErrorFacts, VitrineError } from "../engine/errors.js";

export abstract class RefusedError extends VitrineError {
  abstract readonly status: number;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined = undefined;
}

/** The request is not HTTP, or its body is not what its headers say. */
export class MalformedRequestError extends RefusedError {
  readonly code = "malformed-request";
  readonly status: number;
  constructor(facts: ErrorFacts, status = 400) {
    super(facts);
    this.status = status;
  }
}

/** Parameters that the job does not take. */
export class JobParamsError extends RefusedError {
  readonly code = "job-params";
  readonly status = 400;
}

/** The request comes without the token that the server printed. */
export class TokenRequiredError extends RefusedError {
  readonly code = "token-required";
  readonly status = 401;
}

/** The request comes from a page of somebody else, or to a name that is not this server's. */
export class ForeignRequestError extends RefusedError {
  readonly code = "foreign-request";
  readonly status = 403;
}

/** Nothing is served at this address. */
export class NotServedError extends RefusedError {
  readonly code = "not-served";
  readonly status = 404;
}

/** A job of this id is not known, or its result is no longer kept. */
export class JobGoneError extends RefusedError {
  readonly code = "job-gone";
  readonly status = 404;
}

export class RequestTooLargeError extends RefusedError {
  readonly code = "request-too-large";
  readonly status = 413;
}

export class MediaTypeError extends RefusedError {
  readonly code = "media-type";
  readonly status = 415;
}

/** More is asked for than is taken on at a time. */
export class ServerBusyError extends RefusedError {
  readonly code = "server-busy";
  readonly status = 429;
  override readonly retryAfter: number = 1;
}

/** The server is about to end. */
export class ServerStoppingError extends RefusedError {
  readonly code = "server-stopping";
  readonly status = 503;
}

/** The address cannot be listened on. */
export class AddressUnusableError extends VitrineError {
  readonly code = "address-unusable";
}
