/**
 * Where the hub and its cache are, by the environment variables that the Python tools read too.
 *
 * @file See https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables.
 */

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { getHFHubCachePath } from "@huggingface/hub";
import { HubEndpointError, HubTokenMalformedError } from "./cache-errors.js";

const PUBLIC_HUB = "https://huggingface.co";

/** Absolute path of the shared cache: `$HF_HUB_CACHE`, `$HF_HOME/hub`, `$XDG_CACHE_HOME/huggingface/hub` or `~/.cache/huggingface/hub`. */
export function hubCacheDir(option?: string): string {
  return resolve(option ?? expand(getHFHubCachePath()));
}

/** Absolute path of what Vitrine itself remembers: `$VITRINE_CACHE`, `$XDG_CACHE_HOME/vitrine` or `~/.cache/vitrine`. */
export function recordsDir(option?: string): string {
  return resolve(option ?? expand(process.env["VITRINE_CACHE"] ?? join(userCache(), "vitrine")));
}

/** Whether the network is barred by `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`. */
export function offlineByEnvironment(): boolean {
  const value = process.env["HF_HUB_OFFLINE"] ?? process.env["TRANSFORMERS_OFFLINE"] ?? "";
  return ["1", "true", "yes", "on"].includes(value.toLowerCase());
}

/** The hub's address without a slash at its end; it may have a path. Throws {@link HubEndpointError}. */
export function hubEndpoint(option?: string): string {
  const given = option ?? process.env["HF_ENDPOINT"] ?? PUBLIC_HUB;
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new HubEndpointError("it is not an address", given.includes("@") ? undefined : given);
  }
  if (url.username !== "" || url.password !== "") {
    throw new HubEndpointError("a user name and password do not belong there; use HF_TOKEN");
  }
  if (!["http:", "https:"].includes(url.protocol)) throw new HubEndpointError("it is not an http(s) address", given);
  if (url.search !== "" || url.hash !== "") throw new HubEndpointError('it has a part after "?" or "#"', given);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/**
 * The access token: the option, `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, or the file `$HF_TOKEN_PATH` or `$HF_HOME/token`.
 * An empty option means none. Throws {@link HubTokenMalformedError}, which does not show it.
 */
export async function hubToken(option?: string): Promise<string | undefined> {
  if (option !== undefined) return checkedToken(option, "the token option");
  for (const name of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]) {
    const token = checkedToken(process.env[name] ?? "", name);
    if (token !== undefined) return token;
  }
  const home = process.env["HF_HOME"] ?? join(userCache(), "huggingface");
  const file = expand(process.env["HF_TOKEN_PATH"] ?? join(home, "token"));
  // A token file that is missing or unreadable means an anonymous user, as with the Python tools.
  return checkedToken(await readFile(file, "utf8").catch(() => ""), file);
}

function checkedToken(token: string, source: string): string | undefined {
  const trimmed = token.trim();
  // fetch would quote a malformed header value, and so the token, in its own error.
  if (!/^[\x21-\x7e]*$/.test(trimmed)) throw new HubTokenMalformedError(source);
  return trimmed === "" ? undefined : trimmed;
}

function userCache(): string {
  return process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
}

/** Resolves `~` and `$NAME` at the places where the Python tools do. */
function expand(path: string): string {
  const atHome = path.replace(/^~(?=$|[\\/])/, () => homedir());
  return atHome.replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, braced: string | undefined, bare: string | undefined) => {
    return process.env[braced ?? bare ?? ""] ?? all;
  });
}
