import type { VitrineError } from "../../errors.js";
import {
  HubBusyError,
  HubFileNotFoundError,
  HubForbiddenError,
  HubGatedError,
  HubRepoNotFoundError,
  HubRevisionNotFoundError,
  HubServerError,
  HubSignInError,
  HubTokenRejectedError,
  type Wanted,
} from "./answer-errors.js";
import type { Exchange } from "./http.js";

/** The typed error for an answer whose status is none of success. Hubs name the cause in `X-Error-Code`. */
export function refusal(exchange: Exchange, wanted: Wanted, hasToken: boolean): VitrineError {
  const { response, server } = exchange;
  const { status, headers } = response;
  const wait = retryAfterMs(headers.get("retry-after"));
  if (status === 429) return new HubBusyError(wanted, wait);
  // A storage host knows neither accounts nor repositories: its 403 is a link that has run out, and a new one helps.
  if (!exchange.fromHub) return new HubServerError(wanted, server, status, wait);
  const code = headers.get("x-error-code") ?? "";
  const said = (headers.get("x-error-message") ?? "").slice(0, 200);
  if (code === "GatedRepo" && (status === 401 || status === 403)) return new HubGatedError(wanted);
  if (status === 401) return hasToken ? new HubTokenRejectedError(wanted) : new HubSignInError(wanted);
  if (status === 403) return new HubForbiddenError(wanted, said);
  if (status === 404) return notFound(code, wanted);
  return new HubServerError(wanted, server, status, wait);
}

function notFound(code: string, wanted: Wanted): VitrineError {
  if (code === "RevisionNotFound") return new HubRevisionNotFoundError(wanted);
  const ofFile = wanted.file !== undefined && code !== "RepoNotFound";
  return ofFile ? new HubFileNotFoundError(wanted) : new HubRepoNotFoundError(wanted);
}

/** Seconds or a date, in milliseconds from now. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
