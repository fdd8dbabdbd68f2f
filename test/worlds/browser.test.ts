/** The built modules, unbundled, in a real browser: the same bytes as in Node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtModule } from "../support/built.js";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { FACE_DIGEST } from "./faces/digest.js";
import { GLYPH_DIGEST } from "./glyphs/digest.js";
import { DIGEST } from "./scenes/digest.js";

const CHROMIUM = "/usr/bin/chromium";
const profile = scratchFolder();

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
  const say = (text) => fetch("/said", { method: "POST", body: text });
  addEventListener("error", ({ message }) => say(message));
  addEventListener("unhandledrejection", ({ reason }) => say(String(reason)));
  const { Random } = await import("/engine/tensor/random.js");
  const { renderInto, sampleScene } = await import("/worlds/scenes/index.js");
  const { glyphRows } = await import("/worlds/glyphs/index.js");
  const { drawFace, faceAt } = await import("/worlds/faces/index.js");
  const sha256 = async (bytes) => {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const random = new Random(${DIGEST.seed});
  const bytes = ${DIGEST.size} * ${DIGEST.size} * 3;
  const scenes = new Uint8Array(${DIGEST.scenes} * bytes);
  for (let i = 0; i < ${DIGEST.scenes}; i++) {
    renderInto(sampleScene(random), ${DIGEST.size}, scenes.subarray(i * bytes, (i + 1) * bytes));
  }
  const glyphs = glyphRows({ seed: ${GLYPH_DIGEST.seed}, first: 0, count: ${GLYPH_DIGEST.rows}, size: ${GLYPH_DIGEST.size} });
  const faces = [];
  for (let i = 0; i < ${FACE_DIGEST.faces}; i++) {
    faces.push(...drawFace(faceAt(${FACE_DIGEST.seed}, i), ${FACE_DIGEST.size}).data);
  }
  const parts = [new Uint8Array(glyphs.pixels.buffer), new Uint8Array(glyphs.labels.buffer)];
  const hashes = [scenes, new Uint8Array(await new Blob(parts).arrayBuffer()), new Uint8Array(faces)].map(sha256);
  await say((await Promise.all(hashes)).join(" "));
</script>`;

const haveChromium = existsSync(CHROMIUM);
if (!haveChromium) {
  // eslint-disable-next-line no-console -- a check that did not run must be noticed
  console.warn(`NOT CHECKED: that browsers draw worlds as Node does, because ${CHROMIUM} is missing`);
}

test.skipIf(!haveChromium)("Chromium draws the bytes that Node draws", { timeout: 120_000 }, async () => {
  for (const world of ["scenes", "glyphs", "faces"]) builtModule(`worlds/${world}/index.js`);
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        response.end();
        server.emit("said", body);
      });
      return;
    }
    void serve(request.url ?? "/").then(({ type, text }) => response.setHeader("content-type", type).end(text));
  });
  const said = once(server, "said") as Promise<[string]>;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const args = [...flags, ...quiet, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`];
  const browser = spawn(CHROMIUM, args, { stdio: "ignore" });
  const closed = once(browser, "close");
  try {
    const ended = closed.then(([code]: unknown[]) => [`Chromium ended without a word: ${String(code)}`]);
    const [hashes] = await Promise.race([said, ended]);
    expect(hashes.split(" ")).toEqual([DIGEST.sha256, GLYPH_DIGEST.sha256, FACE_DIGEST.sha256]);
  } finally {
    browser.kill();
    await closed;
    server.closeAllConnections();
    server.close();
  }
});

async function serve(path: string): Promise<{ type: string; text: string }> {
  if (!/^\/[\w/-]+\.js$/.test(path)) return { type: "text/html", text: PAGE };
  return { type: "text/javascript", text: await readFile(join(ROOT, "dist", path), "utf8") };
}
