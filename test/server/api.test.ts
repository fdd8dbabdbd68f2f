/** The API over HTTP, with the zoo's model. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { JOBS } from "../../src/jobs/index.js";
import { fromWire, type Json } from "../../src/jobs/wire.js";
import { VERSION } from "../../src/version.js";
import { ROOT } from "../support/paths.js";
import { codeOf, rawStatus, served } from "../support/served.js";

const server = await served({ models: ["clip-scenes", "clip-random"] });
const scene = readFileSync(join(ROOT, "examples/scene.png"));

describe("what is served", () => {
  test("info says what runs here and how much it takes on", async () => {
    const info = (await (await server.ask("GET", "/api/info")).json()) as Record<string, unknown>;
    expect(info).toMatchObject({ version: VERSION, device: "cpu", jobs: Object.keys(JOBS) });
    expect(info["limits"]).toEqual({
      pictureBytes: 25 * 1024 * 1024,
      pixels: 64_000_000,
      paramsBytes: 1024 * 1024,
      waitingJobs: 32,
    });
  });

  test("the document has every job, and its references lead somewhere", async () => {
    const document = (await (await server.ask("GET", "/api/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const name of Object.keys(JOBS)) {
      expect(document.paths).toHaveProperty([`/api/jobs/${name}`, "post"]);
      expect(document.components.schemas).toHaveProperty([`${name}.params`, "type"]);
    }
    for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(name).toMatch(/^#\/components\/schemas\//);
      expect(document.components.schemas).toHaveProperty([name!.slice("#/components/schemas/".length)]);
    }
  });

  test("every answer forbids other pages, inline scripts and guessing of types", async () => {
    for (const path of ["/", "/api/info", "/nothing", "/api/jobs/x"]) {
      const { headers } = await server.ask("GET", path);
      expect(headers.get("content-security-policy")).toContain("script-src 'self' 'wasm-unsafe-eval';");
      expect(headers.get("content-security-policy")).toContain("worker-src 'self' blob:;");
      expect(headers.get("content-security-policy")).toContain("default-src 'none';");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("pictures", () => {
  test("are known by the hash of their files", async () => {
    const id = createHash("sha256").update(scene).digest("hex");
    const asBytes = await server.ask("POST", "/api/pictures", scene);
    expect(await asBytes.json()).toEqual({ id, width: 256, height: 256 });
    const asPicture = await server.ask("POST", "/api/pictures", scene, { "content-type": "image/png" });
    expect(await asPicture.json()).toEqual({ id, width: 256, height: 256 });
  });

  test.each<[what: string, body: Uint8Array, status: number, code: string]>([
    ["text", Buffer.from("hello, this is no picture"), 422, "not-an-image"],
    ["nothing", new Uint8Array(0), 422, "image-file-empty"],
    ["a picture cut short", scene.subarray(0, 400), 422, "image-corrupt"],
    ["an SVG", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), 422, "image-format-unsupported"],
  ])("%s is refused", async (_, body, status, code) => {
    const response = await server.ask("POST", "/api/pictures", body);
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
  });
});

test("nothing at all is no picture", async () => {
  const response = await server.ask("POST", "/api/pictures");
  expect([response.status, await codeOf(response)]).toEqual([422, "image-file-empty"]);
});

describe("jobs", () => {
  test("are asked for, listened to, and asked about", async () => {
    const accepted = await server.ask("POST", "/api/jobs/model-info", { model: "clip-scenes" });
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    expect(accepted.headers.get("location")).toBe(`/api/jobs/${id}`);
    const stream = await server.ask("GET", `/api/jobs/${id}/events`);
    expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const done = (await server.events(id)).at(-1)!;
    await stream.body!.cancel();
    expect(done.event).toBe("done");
    const weights = readFileSync(join(ROOT, "zoo/clip-scenes/open_clip_model.safetensors"));
    const info = {
      ref: "clip-scenes",
      digest: createHash("sha256").update(weights).digest("hex"),
      family: "clip",
      layers: 4,
      heads: 6,
      neurons: 768,
      grid: 8,
      imageSize: 64,
      hasTexts: true,
    };
    expect(fromWire(done.data as Json)).toEqual(info);
    expect(await (await server.ask("GET", `/api/jobs/${id}`)).json()).toEqual({
      id,
      job: "model-info",
      state: "done",
      result: info,
    });
  });

  test("list the models that are offered, in the order asked for", async () => {
    const id = await server.job("models", {});
    const [done] = await server.events(id);
    expect(done!.data).toEqual([
      expect.objectContaining({
        ref: "clip-scenes",
        summary: "CLIP, 4 layers × 6 heads, pictures of 64 × 64",
        size: 5208370,
      }),
      expect.objectContaining({ ref: "clip-random" }),
    ]);
  });

  test.each(["/etc", "zoo/clip-scenes", "openai/clip-vit-base-patch16", "../zoo/clip-scenes", "__proto__"])(
    "a model that is not offered is never opened: %s",
    async (model) => {
      const id = await server.job("model-info", { model });
      const events = await server.events(id);
      expect(events.at(-1)).toMatchObject({ event: "failed", data: { error: { code: "unknown-model" } } });
      const report = (await (await server.ask("GET", `/api/jobs/${id}`)).json()) as Record<string, unknown>;
      expect(report).toMatchObject({ state: "failed", error: { code: "unknown-model" } });
    },
  );

  test("parameters that are not theirs are refused in words", async () => {
    const response = await server.ask("POST", "/api/jobs/model-info", { modle: "x" });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("job-params");
    expect(error.message).toMatch(/^unusable parameters: model-info: got model: .*string.*; the whole: .*"modle"/);
  });
});

describe("what is not served", () => {
  test.each<[method: string, path: string, body: unknown, status: number, code: string]>([
    ["GET", "/api", undefined, 404, "not-served"],
    ["GET", "/api/nothing", undefined, 404, "not-served"],
    ["PUT", "/api/pictures", new Uint8Array(3), 404, "not-served"],
    ["GET", "/api/pictures", undefined, 404, "not-served"],
    ["GET", "/..%2f..%2fpackage.json", undefined, 404, "not-served"],
    ["GET", "/%2e%2e/%2e%2e/package.json", undefined, 404, "not-served"],
    ["GET", "/%", undefined, 400, "malformed-request"],
    ["POST", "/", {}, 404, "not-served"],
    ["POST", "/api/jobs/nothing", {}, 404, "not-served"],
    ["POST", "/api/jobs/__proto__", {}, 404, "not-served"],
    ["POST", "/api/jobs/constructor", {}, 404, "not-served"],
    ["GET", "/api/jobs/nothing", undefined, 404, "job-gone"],
    ["DELETE", "/api/jobs/nothing", undefined, 404, "job-gone"],
    ["GET", "/api/jobs/nothing/events", undefined, 404, "job-gone"],
    ["POST", "/api/jobs/models", "{", 400, "malformed-request"],
    ["POST", "/api/jobs/models", "", 400, "malformed-request"],
    ["POST", "/api/jobs/models", '{"__proto__": {}}', 400, "malformed-request"],
    ["POST", "/api/jobs/models", "[]", 400, "job-params"],
    ["POST", "/api/jobs/models", "[".repeat(100_000), 400, "malformed-request"],
    ["POST", "/api/jobs/model-info", `{"model":${"[".repeat(400_000)}${"]".repeat(400_000)}}`, 400, "job-params"],
    ["POST", "/api/jobs/models", `{"a":"${"x".repeat(1024 * 1024)}"}`, 413, "request-too-large"],
    ["POST", "/api/jobs/models", new Uint8Array(3), 415, "media-type"],
  ])("%s %s", async (method, path, body, status, code) => {
    const response = await server.ask(method, path, body);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
  });

  test.each<[what: string, bytes: string | Buffer, status: number]>([
    ["what is not HTTP", "hello\r\n\r\n", 400],
    ["TLS", Buffer.from("16030100a5010000a1030300", "hex"), 400],
    ["headers without end", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}`, 431],
    ["no host", "GET /api/info HTTP/1.1\r\n\r\n", 400],
    [
      "two lengths",
      "POST /api/jobs/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      400,
    ],
    ["another's address", "GET http://example.com/api/info HTTP/1.1\r\nHost: example.com\r\n\r\n", 403],
  ])("%s", async (_, bytes, status) => {
    expect(await rawStatus(server.port, bytes)).toBe(status);
  });

  test("faults have nowhere been", () => {
    expect(server.faults).toEqual([]);
  });
});
