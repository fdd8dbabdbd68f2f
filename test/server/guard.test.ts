/** Who is answered: names, pages, tokens. */
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { isLoopback } from "../../src/server/guard.js";
import { served } from "../support/served.js";

const server = await served();
const shared = await served({ host: "0.0.0.0" });

/** `fetch` sets Host and Origin itself. */
function statusOf(port: number, headers: Record<string, string>, method = "GET", path = "/api/info"): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method, path, headers, setHost: false }, (answer) => {
      answer.resume().on("end", () => {
        resolve(answer.statusCode!);
      });
    });
    sent.on("error", reject).end(method === "POST" ? "{}" : undefined);
  });
}

const JSON_BODY = { "content-type": "application/json", "content-length": "2" };

describe("on a loopback address", () => {
  const { port } = server;

  test.each([
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
    "localhost:8080",
    "127.0.0.1",
  ])("the name %s is answered", async (host) => {
    expect(await statusOf(port, { host })).toBe(200);
  });

  test.each([
    `evil.example:${port}`,
    `localhost.evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `127.0.0.1@evil.example:${port}`,
    `evil.example#localhost`,
    `192.168.0.1:${port}`,
    `0.0.0.0:${port}`,
    "",
  ])("the name %j is not, whatever is asked for", async (host) => {
    expect(await statusOf(port, { host })).toBe(403);
    expect(await statusOf(port, { host }, "GET", "/")).toBe(403);
    expect(await statusOf(port, { host }, "GET", "/nothing")).toBe(403);
  });

  test.each<[origin: string, status: number]>([
    [`http://127.0.0.1:${port}`, 202],
    ["https://evil.example", 403],
    [`http://evil.example:${port}`, 403],
    [`http://127.0.0.1:${port + 1}`, 403],
    [`http://localhost:${port}`, 403],
    ["null", 403],
    ["", 403],
    ["file://", 403],
  ])("a POST by a page of %j: %i", async (origin, status) => {
    const headers = { ...JSON_BODY, host: `127.0.0.1:${port}`, origin };
    expect(await statusOf(port, headers, "POST", "/api/jobs/models")).toBe(status);
  });

  test.each<[site: string, status: number]>([
    ["same-origin", 202],
    ["none", 202],
    ["same-site", 403],
    ["cross-site", 403],
  ])("a POST that the browser calls %s: %i", async (site, status) => {
    const headers = { ...JSON_BODY, host: `127.0.0.1:${port}`, "sec-fetch-site": site };
    expect(await statusOf(port, headers, "POST", "/api/jobs/models")).toBe(status);
  });

  test("a preflight of another page is not granted", async () => {
    const origin = "https://evil.example";
    const headers = { host: `127.0.0.1:${port}`, origin, "access-control-request-method": "POST" };
    expect(await statusOf(port, headers, "OPTIONS", "/api/jobs/models")).toBe(404);
  });

  test("no token is needed", () => {
    expect(server.token).toBeUndefined();
    expect(server.address).toBe(`http://127.0.0.1:${port}/`);
  });
});

describe("on all addresses", () => {
  const { port, token, address } = shared;
  const host = `192.168.0.1:${port}`;

  test("the address has the token", () => {
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(address).toMatch(new RegExp(`^http://[\\d.]+:${port}/\\?token=${token!}$`));
  });

  test.each<[what: string, authorization: string | undefined, status: number]>([
    ["none", undefined, 401],
    ["another", "Bearer nonsense", 401],
    ["an empty one", "Bearer ", 401],
    ["part of it", `Bearer ${token!.slice(0, -1)}`, 401],
    ["it without its scheme", token, 401],
    ["it", `Bearer ${token!}`, 200],
  ])("who shows %s", async (_, authorization, status) => {
    expect(await statusOf(port, { host, ...(authorization !== undefined && { authorization }) })).toBe(status);
  });

  test("another page is refused even with it", async () => {
    const headers = { ...JSON_BODY, host, authorization: `Bearer ${token!}`, origin: "https://evil.example" };
    expect(await statusOf(port, headers, "POST", "/api/jobs/models")).toBe(403);
  });

  test("the page itself, whose files are no secret, comes without", async () => {
    expect(await statusOf(port, { host }, "GET", "/")).not.toBe(401);
  });
});

test.each<[host: string, loopback: boolean]>([
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["::1", true],
  ["0:0:0:0:0:0:0:1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["::2", false],
  ["fe80::1", false],
  ["2001:db8::1", false],
  ["10.127.0.1", false],
  ["localhost.example", false],
])("%s is loopback: %s", (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});
