/** What is too large, too slow or too much is refused early, and costs little. */
import { connect } from "node:net";
import { crc32, deflateSync } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { codeOf, rawStatus, served } from "../support/served.js";

const MB = 1024 * 1024;

const server = await served({ limits: { request: 600 } });

/** A grey PNG that says it has `width` × `height` pixels, and `data` for what they are. */
function png(width: number, height: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** The most memory that the process took while `work` ran, over what it took before. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
  await work();
  clearInterval(timer);
  return Math.max(most, process.memoryUsage.rss()) - before;
}

/** Sends `head` and then up to `bytes` bytes, as fast as they are taken. Returns how many were sent, and the status. */
async function flood(head: string, bytes: number, frame: (piece: Buffer) => Buffer = (piece) => piece) {
  const socket = connect(server.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.on("close", resolve));
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  const piece = frame(Buffer.alloc(64 * 1024));
  let sent = 0;
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(head);
    for (; sent < bytes; sent += piece.length) yield piece;
  }
  await pipeline(pieces, socket).catch(() => undefined);
  await closed;
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  return { sent, status: status === undefined ? undefined : Number(status) };
}

const upload = (...headers: string[]): string =>
  ["POST /api/pictures HTTP/1.1", "Host: localhost", "Content-Type: image/png", ...headers, "", ""].join("\r\n");

describe("an upload of 2 GB", () => {
  const size = 2 * 1024 * MB;

  // A connection that is closed while data is on its way may take the answer with it.
  test("that says so is refused before it is read", async () => {
    let outcome: Awaited<ReturnType<typeof flood>> | undefined;
    const grown = await growth(async () => {
      outcome = await flood(upload(`Content-Length: ${size}`), size);
    });
    expect([413, undefined]).toContain(outcome!.status);
    expect(outcome!.sent).toBeLessThan(16 * MB);
    expect(grown).toBeLessThan(100 * MB);
  });

  test("that does not say so is refused at the limit", async () => {
    let outcome: Awaited<ReturnType<typeof flood>> | undefined;
    const grown = await growth(async () => {
      outcome = await flood(upload("Transfer-Encoding: chunked"), size, (piece) =>
        Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
      );
    });
    expect([413, undefined]).toContain(outcome!.status);
    expect(outcome!.sent).toBeLessThan(48 * MB);
    expect(grown).toBeLessThan(200 * MB);
  });

  test("is told so before it begins, if it asks", async () => {
    const status = await rawStatus(server.port, upload(`Content-Length: ${size}`, "Expect: 100-continue"));
    expect(status).toBe(413);
  });

  test("within the limit goes ahead, if it asks", async () => {
    expect(await rawStatus(server.port, upload("Content-Length: 3", "Expect: 100-continue"))).toBe(100);
  });
});

describe("a picture of more than 64 million pixels", () => {
  test.each<[what: string, bytes: () => Buffer]>([
    ["a PNG that claims to be huge", () => png(0x7fffffff, 0x7fffffff, deflateSync(Buffer.alloc(10)))],
    ["a PNG that claims 60,000 × 60,000", () => png(60_000, 60_000, deflateSync(Buffer.alloc(10)))],
    ["a small PNG that is 81 million pixels", () => png(9_000, 9_000, deflateSync(Buffer.alloc(9_000 * 9_001)))],
    [
      "a GIF that claims to be huge",
      () =>
        Buffer.concat([
          Buffer.from("GIF89a"),
          Buffer.from("ffffffff000000", "hex"),
          Buffer.from("2c00000000ffffffff00020144003b", "hex"),
        ]),
    ],
  ])("%s", async (_, make) => {
    const bytes = make();
    expect(bytes.length).toBeLessThan(200_000);
    const grown = await growth(async () => {
      const response = await server.ask("POST", "/api/pictures", bytes);
      const code = await codeOf(response);
      expect([code, response.status]).toEqual(["image-too-many-pixels", 413]);
    });
    expect(grown).toBeLessThan(60 * MB);
  });

  test("just below it is taken", async () => {
    const size = 4_000;
    const response = await server.ask(
      "POST",
      "/api/pictures",
      png(size, size, deflateSync(Buffer.alloc(size * (size + 1)))),
    );
    expect(await response.json()).toMatchObject({ width: size, height: size });
  });

  test("a PNG with far more data than pixels costs little", async () => {
    const bytes = png(10, 10, deflateSync(Buffer.alloc(200 * MB)));
    const grown = await growth(async () => {
      const response = await server.ask("POST", "/api/pictures", bytes);
      expect([200, 422]).toContain(response.status);
    });
    expect(grown).toBeLessThan(60 * MB);
  });
});

describe("slowness", () => {
  test.each<[what: string, bytes: string]>([
    ["a request line", "GET /api/in"],
    ["headers", "GET /api/info HTTP/1.1\r\nHost: localhost\r\n"],
    [
      "parameters",
      "POST /api/jobs/models HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ],
    ["a picture", `${upload("Content-Length: 1000")}x`],
  ])("%s that does not come to its end is given up", async (_, bytes) => {
    expect(await rawStatus(server.port, bytes)).toBe(408);
  });
});

test("more pictures at once than are taken in are refused, and places become free again", async () => {
  const sockets = Array.from({ length: 4 }, () => connect(server.port, "127.0.0.1").on("error", () => undefined));
  for (const socket of sockets) socket.write(upload("Content-Length: 1000"));
  await sleep(100);
  const refused = await server.ask("POST", "/api/pictures", new Uint8Array(3));
  expect([refused.status, await codeOf(refused)]).toEqual([429, "server-busy"]);
  expect(refused.headers.get("retry-after")).toBe("1");
  for (const socket of sockets) socket.destroy();
  await sleep(100);
  expect((await server.ask("POST", "/api/pictures", new Uint8Array(3))).status).toBe(422);
});
