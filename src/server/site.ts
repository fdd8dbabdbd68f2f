/** The built workbench as static files. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { NotServedError } from "./errors.js";

/** Where `npm run build:site` writes it. */
export const SITE = fileURLToPath(new URL("../../dist/workbench", import.meta.url));

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Vitrine: the workbench is not built</title>
<h1>The workbench is not built</h1>
<p>The server runs, and answers under <a href="api/info">/api</a>, but the pages of the workbench are missing.
<p>In Vitrine's folder, run <code>npm run build:site</code>, then load this page again.
</html>
`;

/** What the page asks to learn who computes: as a static site it computes itself. */
const CONFIG = { backend: "server" };

/** A plugin. */
export function site(app: FastifyInstance, { folder }: { readonly folder: string }): void {
  app.get("/config.json", (_, reply) => reply.header("cache-control", "no-cache").send(CONFIG));
  app.register(fastifyStatic, {
    root: folder,
    dotfiles: "ignore",
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Vite puts a hash of the content into these files' names.
      const lasting = path.startsWith(join(folder, "assets"));
      reply.setHeader("cache-control", lasting ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  app.setNotFoundHandler((request, reply) => {
    if (request.method === "GET" && request.url === "/" && !existsSync(join(folder, "index.html"))) {
      return reply.code(503).type("text/html; charset=utf-8").header("cache-control", "no-store").send(NOT_BUILT);
    }
    throw new NotServedError({
      what: "nothing is served here",
      got: JSON.stringify(`${request.method} ${request.url.slice(0, 200)}`),
      fix: "see /api/openapi.json for what is",
    });
  });
}
