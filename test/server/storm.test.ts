/** Ten thousand requests, malformed, oversized and at once, leave the server answering. */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Random } from "../../src/engine/tensor/random.js";
import { mutate } from "../support/mutate.js";
import { ROOT } from "../support/paths.js";
import { eventually, served } from "../support/served.js";

const REQUESTS = 10_000;
const AT_ONCE = 48;

const server = await served({ limits: { unheard: 500, deserted: 100, heartbeat: 200, request: 5_000 } });
const { port } = server;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
afterAll(() => {
  agent.destroy();
});

const scene = readFileSync(join(ROOT, "examples/scene.png"));
const PARAMS = Buffer.from(
  '{"model":"clip-scenes","picture":{"scene":{"background":"sky","style":"clean","seed":1,"objects":[]}},"texts":["a"]}',
);
const PATHS = [
  "/",
  "/api",
  "/api/info",
  "/api/jobs",
  "/api/jobs/models",
  "/api/openapi.json",
  "/api/pictures",
  "/%00",
  "//",
  "/x.js",
];
const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND"];
const TYPES = [
  "application/json",
  "text/plain",
  "image/png",
  "application/octet-stream",
  "multipart/form-data; boundary=x",
  "",
];
const RAW = Buffer.from(
  "POST /api/jobs/models HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
  /** Hang up after so many milliseconds. */
  readonly leave?: number;
}

/** The status of the answer; 0 where the connection ended without one. */
function send({ method, path, headers = {}, body, leave }: Sent): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ port, host: "127.0.0.1", method, path, headers, agent }, (answer) => {
      answer
        .on("error", () => undefined)
        .on("close", () => {
          resolve(answer.statusCode!);
        })
        .resume();
    });
    sent.on("error", () => {
      resolve(0);
    });
    if (leave !== undefined) setTimeout(() => sent.destroy(), leave);
    sent.end(body);
  });
}

function sendRaw(bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1").setEncoding("latin1");
    socket.on("data", (text: string) => (answer += text)).on("error", () => undefined);
    socket.on("close", () => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0));
    });
    // Half a request is all that some send.
    socket.end(bytes);
  });
}

const ids: string[] = [];

/** The kinds of requests, each drawn about as often. */
const KINDS: readonly ((random: Random) => Promise<number>)[] = [
  () => send({ method: "GET", path: "/api/info" }),
  (random) => send({ method: pick(METHODS, random), path: pick(PATHS, random) }),
  (random) => send({ method: "GET", path: `/${junk(random, 1 + random.below(200)).toString("base64url")}` }),
  (random) => send({ ...jobAsked(random), body: junk(random, random.below(2_000)) }),
  (random) => send({ ...jobAsked(random), body: mutate(PARAMS, random) }),
  (random) => send({ ...jobAsked(random), body: Buffer.alloc(1_100_000 + random.below(1_000_000), 32) }),
  (random) => send({ method: "POST", path: "/api/pictures", headers: typed("image/png"), body: mutate(scene, random) }),
  (random) =>
    send({
      method: "POST",
      path: "/api/pictures",
      headers: typed("image/png"),
      body: junk(random, random.below(5_000)),
    }),
  (random) =>
    send({ method: "POST", path: pick(PATHS, random), headers: typed(pick(TYPES, random)), body: junk(random, 20) }),
  () =>
    send({
      method: "POST",
      path: "/api/jobs/models",
      headers: { ...typed(TYPES[0]!), origin: "https://evil.example" },
      body: Buffer.from("{}"),
    }),
  (random) =>
    send({ method: "GET", path: "/api/info", headers: { host: `${junk(random, 6).toString("hex")}.example` } }),
  (random) => send({ method: "GET", path: "/api/info", headers: { cookie: "x".repeat(random.below(30_000)) } }),
  (random) => sendRaw(mutate(RAW, random)),
  (random) => sendRaw(RAW.subarray(0, random.below(RAW.length))),
  (random) => sendRaw(junk(random, random.below(3_000))),
  async (random) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/jobs/model-info`, {
      method: "POST",
      headers: typed(TYPES[0]!),
      body: JSON.stringify({ model: pick(["clip-scenes", "nothing"], random) }),
    });
    const { id } = (await answer.json()) as { id?: string };
    if (id !== undefined) ids.push(id);
    return answer.status;
  },
  (random) => send({ method: "GET", path: `/api/jobs/${pick(ids, random)}/events`, leave: 1 + random.below(50) }),
  (random) => send({ method: pick(["GET", "DELETE"], random), path: `/api/jobs/${pick(ids, random)}` }),
];

const typed = (type: string): Record<string, string> => (type === "" ? {} : { "content-type": type });
const jobAsked = (random: Random): Sent => ({
  method: "POST",
  path: `/api/jobs/${pick(["models", "model-info", "decompose", "nothing", "__proto__"], random)}`,
  headers: typed(TYPES[0]!),
});

function pick<T>(items: readonly T[], random: Random): T | string {
  return items.length === 0 ? "none" : items[random.below(items.length)]!;
}

function junk(random: Random, bytes: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, () => random.below(256)));
}

test("a storm", { timeout: 180_000 }, async () => {
  const random = new Random(20_26);
  const statuses = new Map<number, number>();
  let left = REQUESTS;
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const status = await KINDS[random.below(KINDS.length)]!(random);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));

  expect(server.faults).toEqual([]);
  const failed = [...statuses.keys()].filter((status) => status >= 500 && status !== 503);
  expect(failed).toEqual([]);
  // All that can be refused was, and what could be answered.
  for (const status of [200, 202, 204, 400, 403, 404, 413, 415, 422, 431]) {
    expect(statuses.get(status) ?? 0, `answers of status ${status}`).toBeGreaterThan(0);
  }
  await eventually(() => {
    const { waiting, running } = server.board.counts();
    return waiting + running === 0;
  }, 20_000);
  const done = (await server.events(await server.job("model-info", { model: "clip-scenes" }))).at(-1)!;
  expect(done).toMatchObject({ event: "done", data: { layers: 4 } });
});
