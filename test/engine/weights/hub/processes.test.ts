import { once } from "node:events";
import { readdir, readFile, rename, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fetchSnapshot } from "../../../../src/engine/weights/hub/snapshot.js";
import { contentHash, sha256 } from "../../../support/hub-server.js";
import { outputOf, startProgram } from "./child.js";
import { COMMIT, failure, FILES, repoRoot, REPO, startHub, unfinished, WEIGHTS } from "./hub-test.js";

const BLOBS = [...new Set(Object.values(FILES).map(contentHash))].sort();

const weightsOnly = () => ["model.safetensors"];

async function expectClean(cacheDir: string): Promise<void> {
  const root = repoRoot(cacheDir);
  expect((await readdir(join(root, "blobs"))).sort()).toEqual(BLOBS);
  expect((await readdir(root)).sort()).toEqual(["blobs", "refs", "snapshots"]);
  for (const [path, file] of Object.entries(FILES)) {
    expect(sha256(await readFile(join(root, "snapshots", COMMIT, path)))).toBe(sha256(file.content));
  }
}

/** Waits until the unfinished weights have so many bytes. */
async function unfinishedWith(bytes: number, cacheDir: string): Promise<string> {
  for (;;) {
    const name = (await unfinished(cacheDir)).find((candidate) => candidate.startsWith(contentHash(WEIGHTS)));
    const path = join(repoRoot(cacheDir), "blobs", name ?? "none");
    const size = await stat(path).then(
      (info) => info.size,
      () => 0,
    );
    if (size >= bytes) return path;
    await sleep(5);
  }
}

describe("several downloads of one repository at once", () => {
  test("by three processes and two calls: all are right, and nothing is left over", async () => {
    const { server, options } = await startHub();
    // All of them are in the middle of the large file before any may finish it.
    let goOn = (): void => undefined;
    const until = new Promise<void>((resolve) => (goOn = resolve));
    const pauses = Array.from({ length: 5 }, () => ({ kind: "pause", after: 500_000, until }) as const);
    server.faults.set("model.safetensors", [...pauses]);
    const children = Array.from({ length: 3 }, () => outputOf(startProgram(REPO, options)));
    const all = Promise.all([...children, fetchSnapshot(REPO, options), fetchSnapshot(REPO, options)]);
    while (server.faults.get("model.safetensors")!.length > 0) await sleep(10);
    goOn();
    const results = await all;
    for (const result of results) expect(result).toEqual(results[0]);
    expect(server.contentRequests(WEIGHTS, "model.safetensors")).toHaveLength(5);
    await expectClean(options.cacheDir);
  });
});

describe("a process that is killed", () => {
  test("leaves what it received to the next one, which asks only for the rest", async () => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [{ kind: "stall", after: 1_000_000 }]);
    const child = startProgram(REPO, options);
    await unfinishedWith(1_000_000, options.cacheDir);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await readdir(join(repoRoot(options.cacheDir), "blobs"))).not.toContain(contentHash(WEIGHTS));

    await outputOf(startProgram(REPO, options));
    const requests = server.contentRequests(WEIGHTS, "model.safetensors");
    expect(requests.map(({ range, sent }) => [range, sent])).toEqual([
      [undefined, 1_000_000],
      ["bytes=1000000-", 500_000],
    ]);
    await expectClean(options.cacheDir);
  });

  test("and one that lives keeps its own: another starts anew and both are right", async () => {
    const { server, options } = await startHub();
    let goOn = (): void => undefined;
    const until = new Promise<void>((resolve) => (goOn = resolve));
    server.faults.set("model.safetensors", [{ kind: "pause", after: 700_000, until }]);
    const first = fetchSnapshot(REPO, options);
    await unfinishedWith(700_000, options.cacheDir);
    await fetchSnapshot(REPO, options);
    expect(await unfinished(options.cacheDir)).toHaveLength(1);
    goOn();
    await first;
    expect(server.contentRequests(WEIGHTS, "model.safetensors").map(({ range }) => range)).toEqual([
      undefined,
      undefined,
    ]);
    await expectClean(options.cacheDir);
  });
});

describe("a partial of another host", () => {
  test("is left alone while fresh, and taken up when it was abandoned", async () => {
    const { server, options } = await startHub();
    server.faults.set(
      "model.safetensors",
      Array.from({ length: 4 }, () => ({ kind: "drop", after: 100_000 }) as const),
    );
    await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly }));
    const released = await unfinishedWith(1, options.cacheDir);
    const foreign = released.replace(/\.0\.[0-9a-f]{8}\./, ".4242.00000000.");
    expect(foreign).not.toBe(released);
    await rename(released, foreign);
    const interrupted = [{ kind: "status", status: 404 }] as const;
    server.faults.set("model.safetensors", [...interrupted]);
    await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly, timing: { ...options.timing, tries: 1 } }));
    expect(server.contentRequests(WEIGHTS, "model.safetensors").at(-1)!.range).toBeUndefined();

    const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(foreign, twoHoursAgo, twoHoursAgo);
    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    expect(server.contentRequests(WEIGHTS, "model.safetensors").at(-1)!.range).toBe("bytes=400000-");
    expect(await unfinished(options.cacheDir)).toEqual([]);
  });
});
