/** The built site, as a plain host of static files serves it: below a path, and with no headers of its own. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { ROOT } from "./paths.js";

const SITE = join(ROOT, "dist/workbench");
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
export const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

export interface SiteServer {
  readonly address: string;
  close(): Promise<void>;
}

/** Needs `npm run build:site` first, which `npm test` does. */
export async function serveSite(headers: Readonly<Record<string, string>> = {}): Promise<SiteServer> {
  if (!existsSync(join(SITE, "index.html")))
    throw new Error("dist/workbench is missing: run `npm test`, which builds it");
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://site").pathname);
    const file = path.startsWith("/below/here/") ? path.slice("/below/here/".length) || "index.html" : "";
    readFile(join(SITE, file)).then(
      (bytes) => response.writeHead(200, { ...headers, "content-type": TYPES[extname(file)] ?? "" }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/below/here/`, close };
}
