import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { VitrineError } from "../../../../src/engine/errors.js";
import { fetchSnapshot, type SnapshotOptions } from "../../../../src/engine/weights/hub/snapshot.js";
import type { CannedAnswer, ServedFile } from "../../../support/hub-server.js";
import { ROOT } from "../../../support/paths.js";
import {
  atEnd,
  COMMIT,
  deadAddress,
  failure,
  FILES,
  repoRoot,
  REPO,
  startHub,
  temporaryFolder,
  TOKEN,
} from "./hub-test.js";

const DOCUMENTED = new Set(readdirSync(join(ROOT, "docs/errors")));

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The failure of a fetch, which must be one clear, documented line without the token. */
async function refused(id: string, options: SnapshotOptions): Promise<{ code: string; message: string }> {
  const error = await failure(fetchSnapshot(id, options));
  if (!(error instanceof VitrineError)) throw error;
  const { code, message, stack, cause, facts } = error;
  expect(message).not.toContain("\n");
  expect(DOCUMENTED).toContain(`${code}.md`);
  expect([message, stack, String(cause), JSON.stringify(facts)].join(" ")).not.toContain(TOKEN);
  return { code, message };
}

const status = (code: number, errorCode = "", message = ""): CannedAnswer => ({
  status: code,
  headers: { "x-error-code": errorCode, "x-error-message": message },
  body: JSON.stringify({ error: message }),
});

describe("what the hub refuses", () => {
  const cases: [name: string, answer: CannedAnswer, token: string, code: string, hint: RegExp][] = [
    [
      "401 to the anonymous",
      status(401, "RepoNotFound"),
      "",
      "hub-sign-in",
      /does not exist, or it is private.*HF_TOKEN/,
    ],
    ["401 to a token", status(401, "", "Invalid credentials"), TOKEN, "hub-token-rejected", /settings\/tokens/],
    ["403 gated", status(403, "GatedRepo"), TOKEN, "hub-gated", /accept its conditions at http:.*\/acme\/tiny-clip/],
    ["401 gated", status(401, "GatedRepo"), "", "hub-gated", /accept its conditions/],
    ["403", status(403, "", "needs the scope read"), TOKEN, "hub-forbidden", /"needs the scope read"/],
    ["404 repository", status(404, "RepoNotFound"), TOKEN, "hub-repo-not-found", /acme\/tiny-clip at http/],
    ["404 without a reason", status(404), TOKEN, "hub-repo-not-found", /spelling/],
    ["404 revision", status(404, "RevisionNotFound"), "", "hub-revision-not-found", /got "main"/],
    ["429", status(429), "", "hub-busy", /wait a few minutes/],
    ["500", status(500), "", "hub-server", /got status 500 from 127\.0\.0\.1/],
    ["418", status(418), "", "hub-server", /status 418/],
    ["a login page", { status: 200, body: "<html>Hello</html>" }, "", "hub-response", /not JSON.*got "<html>Hello/],
    ["JSON of another kind", { status: 200, body: "[]" }, "", "hub-response", /HF_ENDPOINT/],
    ["null", { status: 200, body: "null" }, "", "hub-response", /malformed/],
    ["a commit that is none", { status: 200, body: '{"sha":"../../x"}' }, "", "hub-response", /sha: not a commit hash/],
    [
      "a redirect to a file",
      { status: 302, headers: { location: "file:///etc/passwd" } },
      "",
      "hub-response",
      /redirects/,
    ],
    ["a circle", { status: 302, headers: { location: "/" } }, "", "hub-response", /in a circle/],
  ];
  test.each(cases)("%s", async (_, answer, token, code, hint) => {
    const { server, options } = await startHub();
    server.intercept = () => answer;
    const error = await refused(REPO, { ...options, token });
    expect(error).toMatchObject({ code, message: expect.stringMatching(hint) as string });
  });

  test("an unknown repository, revision and file of a real listing", async () => {
    const { options } = await startHub();
    expect((await refused("acme/nothing", options)).code).toBe("hub-sign-in");
    expect((await refused(`${REPO}@v9`, options)).code).toBe("hub-revision-not-found");
    const missing = await refused(REPO, { ...options, select: () => ["vocab.json"] });
    expect(missing).toMatchObject({
      code: "hub-file-not-found",
      message: expect.stringContaining("vocab.json") as string,
    });
  });

  test("a file that is listed and not there", async () => {
    const { server, options } = await startHub();
    server.intercept = (url) => (url.includes("/resolve/") ? status(404, "EntryNotFound") : undefined);
    expect((await refused(REPO, options)).code).toBe("hub-file-not-found");
    expect(await readdir(join(repoRoot(options.cacheDir), "blobs"))).toEqual([]);
  });

  test("a Retry-After longer than anyone would wait", async () => {
    const { server, options } = await startHub();
    server.intercept = () => ({ status: 429, headers: { "retry-after": "3600" } });
    const error = await refused(REPO, options);
    expect(error).toMatchObject({ code: "hub-busy", message: expect.stringContaining("wait 3600 s") as string });
    expect(server.log).toHaveLength(1);
  });

  test("a token that is redirected to another host stays behind", async () => {
    const { server, options } = await startHub();
    server.intercept = (url) => ({ status: 307, headers: { location: `${server.storageEndpoint}${url}` } });
    expect((await refused(REPO, { ...options, token: TOKEN })).code).toBe("hub-server");
    const there = server.log.filter((entry) => entry.server === "storage");
    expect(there.length).toBeGreaterThan(0);
    expect(there.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});

describe("what a hub could do to us", () => {
  const listing = (entries: readonly object[]): ((url: string) => CannedAnswer | undefined) => {
    return (url) => (url.includes("/tree/") ? { status: 200, body: JSON.stringify(entries) } : undefined);
  };
  const entry = (path: string, more: object = {}): object => ({
    type: "file",
    path,
    size: 3,
    oid: "a".repeat(40),
    ...more,
  });

  test.each([
    "../../evil",
    "/etc/evil",
    "a/../../evil",
    "..\\evil",
    "C:\\evil",
    "sub\\evil",
    "a:b",
    "a//b",
    "./a",
    "a\u0000b",
  ])("the file name %j is refused", async (path) => {
    const { server, options } = await startHub();
    server.intercept = listing([entry(path)]);
    expect((await refused(REPO, options)).code).toBe("hub-unsafe-file-name");
    expect(await readdir(options.cacheDir).catch(() => [])).toEqual([]);
  });

  test("a forged name is refused even where it is not wanted, an odd one only where it is", async () => {
    const { server, options } = await startHub();
    server.intercept = listing([entry("../evil"), entry("config.json")]);
    expect((await refused(REPO, { ...options, select: () => ["config.json"] })).code).toBe("hub-unsafe-file-name");
    server.intercept = listing([entry("odd\\name"), { type: "file", path: "config.json", size: 0, oid: EMPTY }]);
    server.addCommit(REPO, COMMIT, { "config.json": { content: Buffer.alloc(0), lfs: false } });
    expect((await fetchSnapshot(REPO, { ...options, select: () => ["config.json"] })).files).toEqual(["config.json"]);
  });
  const EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

  test("a hash that is a path is refused", async () => {
    const { server, options } = await startHub();
    server.intercept = listing([entry("config.json", { oid: "../../../evil" })]);
    expect((await refused(REPO, options)).code).toBe("hub-response");
  });

  test("a listing without end is cut short", async () => {
    const { server, options } = await startHub();
    const page = JSON.stringify(Array.from({ length: 2500 }, (_, i) => entry(`f${i}`)));
    const link = `<${server.endpoint}/api/models/${REPO}/tree/more>; rel="next"`;
    server.intercept = (url) => (url.includes("/tree/") ? { status: 200, headers: { link }, body: page } : undefined);
    const error = await refused(REPO, options);
    expect(error).toMatchObject({
      code: "hub-metadata-too-large",
      message: expect.stringContaining("10000") as string,
    });
    expect(server.log.filter(({ url }) => url.includes("/tree/"))).toHaveLength(5);

    server.intercept = (url) => (url.includes("/tree/") ? { status: 200, headers: { link }, body: "[]" } : undefined);
    expect((await refused(REPO, options)).code).toBe("hub-metadata-too-large");
  });

  test("a description of 11 MB is cut short", async () => {
    const { server, options } = await startHub();
    server.intercept = () => ({ status: 200, body: `{"sha":"${"a".repeat(11 * 2 ** 20)}"}` });
    expect((await refused(REPO, options)).code).toBe("hub-metadata-too-large");
  });

  test("a configuration of 11 MB is not fetched", async () => {
    const { server, options } = await startHub();
    const config: ServedFile = { content: Buffer.from("{}"), lfs: true, listedSize: 11 * 2 ** 20 };
    server.addCommit(REPO, COMMIT, { "config.json": config });
    expect((await refused(REPO, options)).code).toBe("hub-metadata-too-large");
    const reading = {
      ...options,
      select: async (_: unknown, read: (path: string) => Promise<string>) => [await read("config.json")],
    };
    expect((await refused(REPO, reading)).code).toBe("hub-metadata-too-large");
    expect(server.log.some(({ url }) => url.includes("/resolve/"))).toBe(false);
  });
});

describe("no way to the hub", () => {
  test("nobody listens", async () => {
    const { options } = await startHub();
    const error = await refused(REPO, { ...options, endpoint: await deadAddress() });
    expect(error.code).toBe("hub-unreachable");
    expect(error.message).toMatch(
      /^cannot reach 127\.0\.0\.1:\d+: acme\/tiny-clip@main: got ECONNREFUSED.*--offline.*folder/,
    );
  });

  test("no such host", async () => {
    const { options } = await startHub();
    const error = await refused(REPO, { ...options, endpoint: "http://hub.invalid" });
    expect(error).toMatchObject({
      code: "hub-unreachable",
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string,
    });
  });

  test("a server that says nothing", async () => {
    const { server, options } = await startHub();
    const tries = { ...options.timing, idleMs: 60, tries: 2 };
    server.faults.set(
      "config.json",
      Array.from({ length: 2 }, () => ({ kind: "stall", after: 0 }) as const),
    );
    const error = await refused(REPO, { ...options, timing: tries, select: () => ["config.json"] });
    expect(error).toMatchObject({
      code: "hub-unreachable",
      message: expect.stringContaining("silence for 0.06 s") as string,
    });
  });

  test("a certificate that nobody signed", async () => {
    const folder = await temporaryFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const subject = ["-subj", "/CN=localhost", "-days", "1"];
    execFileSync("openssl", [...request, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }).listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(() => Promise.resolve(server.close()));
    const { options } = await startHub();
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await refused(REPO, { ...options, endpoint });
    expect(error).toMatchObject({
      code: "hub-tls",
      message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT") as string,
    });
  });

  test("https to a server that speaks plain http", async () => {
    const { server, options } = await startHub();
    const error = await refused(REPO, { ...options, endpoint: server.endpoint.replace("http:", "https:") });
    expect(error.code).toBe("hub-tls");
  });

  test("offline means that nobody is asked", async () => {
    const { server, options } = await startHub();
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    const { select, endpoint, cacheDir, recordsDir } = options;
    const error = await refused(REPO, { select, endpoint: endpoint!, cacheDir, recordsDir: recordsDir! });
    expect(error.code).toBe("hub-not-cached");
    expect(error.message).toContain('offline, and the cache lacks the revision "main"');
    expect(server.log).toEqual([]);
  });
});

describe("arguments", () => {
  test.each([
    "",
    "a/b/c",
    "a b/c",
    "../x",
    "a/..",
    "-a/b",
    "a/b-",
    "a--b/c",
    "a/b.git",
    "a/b@",
    "a/b@../../x",
    "x".repeat(97),
  ])("the id %j", async (id) => {
    const { server, options } = await startHub();
    expect((await refused(id, options)).code).toBe("hub-repo-id");
    expect(server.log).toEqual([]);
  });

  test("an id and an option that disagree", async () => {
    const { options } = await startHub();
    expect((await refused(`${REPO}@main`, { ...options, revision: "v2" })).code).toBe("hub-repo-id");
  });

  test.each(["nonsense", "ftp://hub", "https://user:secret@hub", "https://hub?x=1"])(
    "the endpoint %s",
    async (endpoint) => {
      const { options } = await startHub();
      const error = await refused(REPO, { ...options, endpoint });
      expect(error.code).toBe("hub-endpoint");
      expect(error.message).not.toContain("secret");
    },
  );

  test("a token with a line break inside", async () => {
    const { options } = await startHub();
    expect((await refused(REPO, { ...options, token: `${TOKEN}\nx` })).code).toBe("hub-token-malformed");
  });

  test("an abort before the start", async () => {
    const { server, options } = await startHub();
    const error = await failure(fetchSnapshot(REPO, { ...options, signal: AbortSignal.abort(new Error("no")) }));
    expect(error.message).toBe("no");
    expect(server.log).toEqual([]);
  });
});

test("a cache below a file cannot be written", async () => {
  const { options } = await startHub();
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  const error = await refused(REPO, { ...options, cacheDir: join(file, "hub") });
  expect(error).toMatchObject({
    code: "hub-cache-not-writable",
    message: expect.stringContaining("HF_HUB_CACHE") as string,
  });
});

test("a folder where a blob's link should be cannot be replaced", async () => {
  const { options } = await startHub();
  await mkdir(join(repoRoot(options.cacheDir), "snapshots", COMMIT, "config.json", "x"), { recursive: true });
  const error = await failure(fetchSnapshot(REPO, { ...options, select: () => Object.keys(FILES) }));
  expect(error).toBeInstanceOf(VitrineError);
});
