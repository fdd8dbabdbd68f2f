/**
 * A local server that answers as the Hugging Face hub does: model info, tree listings in pages, and file contents, small
 * ones from itself and large (LFS) ones by a redirect to a second, "storage" server on another port.
 *
 * @file Faults are queued per file, one for each request of its content; without one the answer is right. Every request is
 * logged, so that tests can count bytes and look for tokens where none belong.
 */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface ServedFile {
  readonly content: Buffer;
  readonly lfs: boolean;
  /** Overrides what the listing says. */
  readonly listedSize?: number;
}

export interface LoggedRequest {
  readonly server: "hub" | "storage";
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
  readonly acceptEncoding: string | undefined;
  /** Body bytes handed to the socket. */
  sent: number;
}

export type Fault =
  /** Sends so many bytes of the body, then resets the connection. */
  | { readonly kind: "drop"; readonly after: number }
  /** Sends so many bytes of the body, then nothing more. */
  | { readonly kind: "stall"; readonly after: number }
  /** As "stall", but goes on once `until` resolves. */
  | { readonly kind: "pause"; readonly after: number; readonly until: Promise<unknown> }
  /** Ends properly, too early. */
  | { readonly kind: "short"; readonly bytes: number; readonly announced: boolean }
  | { readonly kind: "replace"; readonly content: Buffer }
  /** Compresses the body although nobody asked for it. */
  | { readonly kind: "gzip" }
  | { readonly kind: "ignore-range" }
  /** Answers 206 with a Content-Range, and bytes, that begin elsewhere. */
  | { readonly kind: "wrong-range"; readonly from: number }
  | { readonly kind: "etag"; readonly etag: string }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> };

export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Repo {
  readonly refs: Map<string, string>;
  readonly commits: Map<string, Map<string, ServedFile>>;
}

export function gitBlobSha1(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

export function contentHash({ content, lfs }: ServedFile): string {
  return lfs ? sha256(content) : gitBlobSha1(content);
}

const TEXT_JSON = { "content-type": "application/json" };

export class HubServer {
  readonly log: LoggedRequest[] = [];
  /** Queued per file path; the first one is used up by each request of that file's content. */
  readonly faults = new Map<string, Fault[]>();
  /** Asked before anything else; an answer other than undefined is sent as it is. */
  intercept: (url: string, headers: IncomingMessage["headers"]) => CannedAnswer | undefined = () => undefined;
  /** Entries per page of a listing. */
  pageSize = 1000;
  readonly #repos = new Map<string, Repo>();
  readonly #prefix: string;
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor(prefix: string) {
    this.#prefix = prefix;
    this.#hub = createServer((request, response) => {
      this.#onHub(request, response);
    });
    this.#storage = createServer((request, response) => {
      this.#onStorage(request, response);
    });
  }

  /** Starts both servers on free ports of the loopback. With a `prefix` such as `/hf` the hub lives below that path. */
  static async start(prefix = ""): Promise<HubServer> {
    const server = new HubServer(prefix);
    await Promise.all([server.#hub, server.#storage].map((http) => once(http.listen(0, "127.0.0.1"), "listening")));
    return server;
  }

  get endpoint(): string {
    return `${address(this.#hub)}${this.#prefix}`;
  }

  get storageEndpoint(): string {
    return address(this.#storage);
  }

  /** Adds one commit; `refs` will mean it from now on. */
  addCommit(
    id: string,
    commit: string,
    files: Readonly<Record<string, ServedFile>>,
    refs: readonly string[] = ["main"],
  ) {
    const repo = this.#repos.get(id) ?? {
      refs: new Map<string, string>(),
      commits: new Map<string, Map<string, ServedFile>>(),
    };
    this.#repos.set(id, repo);
    repo.commits.set(commit, new Map(Object.entries(files)));
    for (const ref of refs) repo.refs.set(ref, commit);
  }

  /** Requests of a file's content, in order, wherever it was served from. */
  contentRequests(file: ServedFile, path: string): LoggedRequest[] {
    const key = file.lfs ? `/${sha256(file.content)}` : `/${path}`;
    return this.log.filter(
      ({ server, url }) => server === (file.lfs ? "storage" : "hub") && url.split("?")[0]!.endsWith(key),
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#hub, this.#storage].map(async (server) => {
        if (!server.listening) return;
        const closed = once(server, "close");
        server.close();
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  #onHub(request: IncomingMessage, response: ServerResponse): void {
    const entry = this.#logged("hub", request);
    const canned = this.intercept(entry.url, request.headers);
    if (canned !== undefined) {
      response.writeHead(canned.status, { ...TEXT_JSON, ...canned.headers }).end(canned.body ?? "");
      return;
    }
    const url = new URL(entry.url, this.endpoint);
    if (!url.pathname.startsWith(`${this.#prefix}/`)) {
      refuse(response, 404, "");
      return;
    }
    // A revision may hold slashes of its own, encoded.
    const path = url.pathname.slice(this.#prefix.length);
    const info = /^\/api\/models\/(.+)\/revision\/([^/]+)$/.exec(path);
    const tree = /^\/api\/models\/(.+)\/tree\/([^/]+)$/.exec(path);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    if (info !== null) this.#info(response, info[1]!, decodeURIComponent(info[2]!));
    else if (tree !== null) this.#tree(response, url, tree[1]!, tree[2]!);
    else if (file !== null) this.#resolve(request, response, entry, file[1]!, file[2]!, decodeURIComponent(file[3]!));
    else refuse(response, 404, "");
  }

  #info(response: ServerResponse, id: string, revision: string): void {
    const commit = this.#commitOf(response, id, revision);
    if (commit === undefined) return;
    response.writeHead(200, TEXT_JSON).end(JSON.stringify({ _id: "1", id, sha: commit, private: false, gated: false }));
  }

  #tree(response: ServerResponse, url: URL, id: string, revision: string): void {
    const commit = this.#commitOf(response, id, revision);
    if (commit === undefined) return;
    const all = [...this.#repos.get(id)!.commits.get(commit)!].map(([path, file]) => listed(path, file));
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const next = from + this.pageSize;
    url.searchParams.set("cursor", String(next));
    const link = next < all.length ? { link: `<${url.href}>; rel="next"` } : {};
    response.writeHead(200, { ...TEXT_JSON, ...link }).end(JSON.stringify(all.slice(from, next)));
  }

  #resolve(
    request: IncomingMessage,
    response: ServerResponse,
    entry: LoggedRequest,
    id: string,
    revision: string,
    path: string,
  ): void {
    const commit = this.#commitOf(response, id, revision);
    if (commit === undefined) return;
    const file = this.#repos.get(id)!.commits.get(commit)!.get(path);
    if (file === undefined) {
      refuse(response, 404, "EntryNotFound");
      return;
    }
    if (!file.lfs) {
      this.#content(request, response, entry, file, path);
      return;
    }
    response
      .writeHead(302, {
        location: `${this.storageEndpoint}/${sha256(file.content)}?path=${encodeURIComponent(path)}&signature=x`,
        "x-linked-etag": `"${sha256(file.content)}"`,
        "x-linked-size": String(file.content.length),
        "x-repo-commit": commit,
      })
      .end();
  }

  #onStorage(request: IncomingMessage, response: ServerResponse): void {
    const entry = this.#logged("storage", request);
    const url = new URL(entry.url, this.storageEndpoint);
    const files = [...this.#repos.values()].flatMap(({ commits }) =>
      [...commits.values()].flatMap((c) => [...c.values()]),
    );
    const file = files.find(({ content, lfs }) => lfs && sha256(content) === url.pathname.slice(1));
    if (file === undefined) refuse(response, 403, "");
    else this.#content(request, response, entry, file, url.searchParams.get("path") ?? "");
  }

  #content(
    request: IncomingMessage,
    response: ServerResponse,
    entry: LoggedRequest,
    file: ServedFile,
    path: string,
  ): void {
    const fault = this.faults.get(path)?.shift();
    if (fault?.kind === "status") {
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    if (fault?.kind === "gzip") {
      const packed = gzipSync(file.content);
      response.writeHead(200, { "content-encoding": "gzip", "content-length": String(packed.length) }).end(packed);
      return;
    }
    const etag = fault?.kind === "etag" ? fault.etag : `"${contentHash(file)}"`;
    const content = fault?.kind === "replace" ? fault.content : file.content;
    const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? -1);
    const guard = request.headers["if-range"];
    const partly = asked >= 0 && fault?.kind !== "ignore-range" && (guard === undefined || guard === etag);
    if (partly && asked >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    const from = fault?.kind === "wrong-range" ? fault.from : partly ? asked : 0;
    const body = fault?.kind === "short" ? content.subarray(from, fault.bytes) : content.subarray(from);
    const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
    const length = fault?.kind === "short" && !fault.announced ? {} : { "content-length": String(body.length) };
    response.writeHead(partly ? 206 : 200, { etag, ...length, ...(partly && range) });
    void send(response, body, fault, entry);
  }

  /** The commit, or undefined after answering that there is none. */
  #commitOf(response: ServerResponse, id: string, revision: string): string | undefined {
    const repo = this.#repos.get(id);
    const commit = repo?.refs.get(revision) ?? (repo?.commits.has(revision) === true ? revision : undefined);
    if (repo === undefined) refuse(response, 401, "RepoNotFound");
    else if (commit === undefined) refuse(response, 404, "RevisionNotFound");
    return commit;
  }

  #logged(server: "hub" | "storage", { url, headers }: IncomingMessage): LoggedRequest {
    const { range, authorization } = headers;
    const ifRange = headers["if-range"] as string | undefined;
    const acceptEncoding = headers["accept-encoding"];
    const entry = { server, url: url ?? "", range, ifRange, authorization, acceptEncoding, sent: 0 };
    this.log.push(entry);
    return entry;
  }
}

async function send(
  response: ServerResponse,
  body: Buffer,
  fault: Fault | undefined,
  entry: LoggedRequest,
): Promise<void> {
  const cut = fault !== undefined && "after" in fault ? Math.min(fault.after, body.length) : body.length;
  const first = body.subarray(0, cut);
  entry.sent += first.length;
  if (cut === body.length) {
    response.end(first);
    return;
  }
  await new Promise((resolve) => response.write(first, resolve));
  if (fault?.kind === "drop") {
    // What was written must be read by the client before the reset overtakes it: a client drops what it has not read yet.
    setTimeout(() => response.destroy(), 150);
  } else if (fault?.kind === "pause") {
    await fault.until;
    entry.sent += body.length - cut;
    response.end(body.subarray(cut));
  }
}

function listed(path: string, file: ServedFile): object {
  const size = file.listedSize ?? file.content.length;
  if (!file.lfs) return { type: "file", oid: gitBlobSha1(file.content), size, path };
  const oid = sha256(file.content);
  return { type: "file", oid: gitBlobSha1(Buffer.from(oid)), size, path, lfs: { oid, size, pointerSize: 134 } };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { ...TEXT_JSON, ...(code !== "" && { "x-error-code": code }) })
    .end(JSON.stringify({ error: "no" }));
}

function address(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
