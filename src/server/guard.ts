/**
 * Who may talk to the server: pages that it served itself, and programs of this machine; from elsewhere, whoever has the token.
 *
 * @file A page of somebody else can send requests to 127.0.0.1, and by DNS rebinding even under a name of its own. So on a loopback
 * address only its own names are answered, and requests that browsers mark as another page's are refused on any.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import type { IncomingHttpHeaders } from "node:http";
import { ForeignRequestError, TokenRequiredError } from "./errors.js";

/** Whether only programs of this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith("127.");
  return isIPv6(host) ? /^(?:0*:)*:?0*1$/.test(host) : host === "localhost";
}

/** Every answer's. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // Scripts and styles from the server's files only, so that no text can become one.
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Throws {@link ForeignRequestError} for a name that a server on a loopback address does not have. */
export function checkHost({ host }: IncomingHttpHeaders): void {
  const name = urlOf(`http://${host ?? ""}`)?.hostname.replace(/^\[(.*)\]$/, "$1");
  // The port is not looked at: it is another one at the far end of a tunnel.
  if (name !== undefined && isLoopback(name)) return;
  throw new ForeignRequestError({
    what: "the server does not go by this name",
    where: "Host header",
    got: host === undefined ? "none" : JSON.stringify(host),
    expected: "127.0.0.1 or localhost",
    fix: "open the address that `vitrine serve` printed, or start it with --host for other machines",
  });
}

/** Throws {@link ForeignRequestError} for requests that a browser sends for a page of another origin. */
export function checkOrigin(headers: IncomingHttpHeaders): void {
  const { origin, host, "sec-fetch-site": site } = headers;
  const sameOrigin = origin === undefined || urlOf(origin)?.host === host?.toLowerCase();
  if (sameOrigin && (site === undefined || site === "same-origin" || site === "none")) return;
  throw new ForeignRequestError({
    what: "the request comes from another page",
    where: sameOrigin ? "Sec-Fetch-Site header" : "Origin header",
    got: JSON.stringify(sameOrigin ? site : origin),
    expected: "the server's own page, or no browser",
    fix: "use the workbench that the server serves",
  });
}

/** Throws {@link TokenRequiredError} unless the request shows the token. */
export function checkToken({ authorization }: IncomingHttpHeaders, token: string): void {
  const shown = /^Bearer (.*)$/.exec(authorization ?? "")?.[1];
  if (shown !== undefined && timingSafeEqual(hashed(shown), hashed(token))) return;
  throw new TokenRequiredError({
    what: "the server's token is needed",
    where: "Authorization header",
    got: shown === undefined ? "none" : "another token",
    expected: '"Bearer " and the token',
    fix: "open the address that `vitrine serve` printed, as a whole",
  });
}

/** Of one length, whatever was shown. */
const hashed = (text: string): Buffer => createHash("sha256").update(text).digest();

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
