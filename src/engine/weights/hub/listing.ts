/** What a hub says about a repository: the commit behind a revision, and the files of a commit. */

import { listFiles, modelInfo } from "@huggingface/hub";
import { z } from "zod";
import { HubMetadataTooLargeError, HubResponseError, type Wanted } from "./answer-errors.js";
import { UnsafeFileNameError } from "./cache-errors.js";
import { type HubFile, isContentHash } from "./digest.js";
import { type Connection, type Exchange, get } from "./http.js";
import { refusal } from "./refusal.js";
import { isForgedName } from "./repo-id.js";
import { isCommit } from "./commit.js";
import { retrying } from "./retry.js";

const MAX_LISTED = 10_000;
/** A chain of empty pages would never reach the limit of entries. */
const MAX_PAGES = 100;
/** One page of a listing: the hub sends 1000 entries of some 300 bytes. */
const MAX_ANSWER_BYTES = 10 * 2 ** 20;

const infoSchema = z.looseObject({ sha: z.string().refine(isCommit, "not a commit hash") });
const size = z.number().int().nonnegative();
const hash = z.string().refine(isContentHash, "not a SHA-1 or SHA-256");
const pageSchema = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string(),
    size,
    oid: hash,
    lfs: z.looseObject({ oid: hash, size }).optional(),
  }),
);

/** The hub's commit for a branch, tag or commit. Throws the errors of `refusal` and `get`. */
export async function resolveCommit(connection: Connection, wanted: Wanted): Promise<string> {
  const info = await modelInfo({
    name: wanted.repo,
    revision: wanted.revision,
    additionalFields: ["sha"],
    hubUrl: connection.endpoint,
    fetch: jsonFetch(connection, wanted, infoSchema),
  });
  return info.sha;
}

/** The files of the commit `wanted.revision`. Throws as {@link resolveCommit}, and for a listing that cannot be an honest one. */
export async function listCommit(connection: Connection, wanted: Wanted): Promise<HubFile[]> {
  const entries = listFiles({
    repo: { type: "model", name: wanted.repo },
    recursive: true,
    revision: wanted.revision,
    hubUrl: connection.endpoint,
    fetch: jsonFetch(connection, wanted, pageSchema),
  });
  const files: HubFile[] = [];
  let listed = 0;
  for await (const { type, path, size, oid, lfs } of entries) {
    if (++listed > MAX_LISTED) throw tooMany(wanted);
    if (isForgedName(path)) throw new UnsafeFileNameError(wanted, path);
    if (type === "file") files.push({ path, size: lfs?.size ?? size, hash: lfs?.oid ?? oid! });
  }
  return files;
}

function tooMany(wanted: Wanted): HubMetadataTooLargeError {
  return new HubMetadataTooLargeError(
    wanted,
    "the repository has too many files",
    `more than ${MAX_LISTED}`,
    `at most ${MAX_LISTED}`,
  );
}

/** A `fetch` for the hub client that retries, adds the token, throws typed errors and lets only well-formed answers through. */
function jsonFetch(connection: Connection, wanted: Wanted, schema: z.ZodType): typeof fetch {
  let pages = 0;
  return (input) => {
    if (++pages > MAX_PAGES) throw tooMany(wanted);
    const url = input instanceof Request ? input.url : String(input);
    return retrying(connection, async () => {
      const exchange = await get(connection, wanted, url, { accept: "application/json" });
      const { status, ok, headers } = exchange.response;
      if (!ok) {
        exchange.close();
        throw refusal(exchange, wanted, connection.token !== undefined);
      }
      const text = await cappedText(exchange, wanted);
      checkJson(text, schema, wanted);
      const link = headers.get("link");
      return new Response(text, { status, headers: link === null ? {} : { link } });
    });
  };
}

async function cappedText(exchange: Exchange, wanted: Wanted): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of exchange.chunks()) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      const limit = `at most ${MAX_ANSWER_BYTES} bytes`;
      throw new HubMetadataTooLargeError(wanted, "the hub's description of the repository is too long", `more`, limit);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function checkJson(text: string, schema: z.ZodType, wanted: Wanted): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HubResponseError(wanted, "it is not JSON", JSON.stringify(text.slice(0, 60)), cause);
  }
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue !== undefined) {
    throw new HubResponseError(wanted, "a field is missing or malformed", `${issue.path.join(".")}: ${issue.message}`);
  }
}
