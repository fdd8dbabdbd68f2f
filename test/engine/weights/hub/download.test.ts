import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { lstat, readdir, readFile, readlink, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { selectModelFiles } from "../../../../src/engine/weights/hub/select-model-files.js";
import { fetchSnapshot } from "../../../../src/engine/weights/hub/snapshot.js";
import type { Progress } from "../../../../src/engine/weights/hub/snapshot-files.js";
import { contentHash, sha256 } from "../../../support/hub-server.js";
import {
  COMMIT,
  failure,
  FILES,
  patterned,
  repoRoot,
  REPO,
  selectAll,
  startHub,
  TOKEN,
  unfinished,
  WEIGHTS,
} from "./hub-test.js";

const weightsOnly = () => ["model.safetensors"];
const total = WEIGHTS.content.length;

async function storedWeights(cacheDir: string): Promise<string> {
  return sha256(await readFile(join(repoRoot(cacheDir), "snapshots", COMMIT, "model.safetensors")));
}

describe("a download", () => {
  test("lays the cache out as the Python tools do", async () => {
    const { options } = await startHub();
    const snapshot = await fetchSnapshot(REPO, options);
    const root = repoRoot(options.cacheDir);
    expect(snapshot).toEqual({ folder: join(root, "snapshots", COMMIT), commit: COMMIT, files: Object.keys(FILES) });
    expect(await readFile(join(root, "refs", "main"), "utf8")).toBe(COMMIT);
    for (const [path, file] of Object.entries(FILES)) {
      const pointer = join(snapshot.folder, path);
      const up = "../".repeat(path.split("/").length + 1);
      expect(await readlink(pointer)).toBe(`${up}blobs/${contentHash(file)}`);
      expect(sha256(await readFile(pointer))).toBe(sha256(file.content));
    }
    const blobs = Object.values(FILES).map(contentHash);
    expect((await readdir(join(root, "blobs"))).sort()).toEqual([...new Set(blobs)].sort());
    expect((await readdir(root)).sort()).toEqual(["blobs", "refs", "snapshots"]);
  });

  test("takes only what is selected, and the weights once", async () => {
    const { server, options } = await startHub();
    const { files, folder } = await fetchSnapshot(REPO, { ...options, select: selectModelFiles });
    expect(files).toEqual(["config.json", "tokenizer.json", "model.safetensors"]);
    expect((await readdir(folder)).sort()).toEqual([...files].sort());
    expect(server.log.filter(({ url }) => url.includes("/resolve/"))).toHaveLength(3);
  });

  test("works below a path prefix, over several pages of a listing, and at another branch", async () => {
    const { server, options } = await startHub("/mirrors/hf");
    server.pageSize = 2;
    server.addCommit(REPO, COMMIT, FILES, ["refs/pr/1"]);
    const { files } = await fetchSnapshot(`${REPO}@refs/pr/1`, { ...options, endpoint: `${server.endpoint}/` });
    expect(files).toHaveLength(5);
    expect(server.log.filter(({ url }) => url.includes("/tree/"))).toHaveLength(3);
    expect(await readFile(join(repoRoot(options.cacheDir), "refs/refs/pr/1"), "utf8")).toBe(COMMIT);
  });

  test("sends the token to the hub and never to the storage host", async () => {
    const { server, options } = await startHub();
    await fetchSnapshot(REPO, { ...options, token: TOKEN });
    const hub = server.log.filter((entry) => entry.server === "hub");
    const storage = server.log.filter((entry) => entry.server === "storage");
    expect(hub.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
    expect(storage.length).toBeGreaterThan(0);
    expect(storage.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test("reports progress up to the last byte", async () => {
    const { options } = await startHub();
    const seen: Progress[] = [];
    await fetchSnapshot(REPO, { ...options, select: weightsOnly, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ file: "model.safetensors", receivedBytes: 0, totalBytes: total, resumedFrom: 0 });
    expect(seen.at(-1)).toEqual({ file: "model.safetensors", receivedBytes: total, totalBytes: total, resumedFrom: 0 });
  });
});

describe("ways to a file", () => {
  test("a renamed repository is followed, with the token, on the hub itself", async () => {
    const { server, options } = await startHub();
    server.intercept = (url) => {
      const location = url.replace("acme/old-name", REPO);
      return location === url ? undefined : { status: 307, headers: { location } };
    };
    const { folder } = await fetchSnapshot("acme/old-name", {
      ...options,
      token: TOKEN,
      select: () => ["config.json"],
    });
    expect(folder).toBe(join(repoRoot(options.cacheDir, "acme/old-name"), "snapshots", COMMIT));
    expect(server.log).toHaveLength(6);
    expect(server.log.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  });

  test("a body that was compressed unasked is taken as what it unfolds to", async () => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [{ kind: "gzip" }]);
    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
    expect(server.contentRequests(WEIGHTS, "model.safetensors")).toHaveLength(1);
    expect(server.log.every(({ acceptEncoding }) => acceptEncoding === "identity")).toBe(true);
  });
});

describe("a broken connection", () => {
  test("is taken up where it broke, several times, guarded by the ETag", async () => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [
      { kind: "drop", after: 300_000 },
      { kind: "stall", after: 200_000 },
      { kind: "drop", after: 400_000 },
    ]);
    await fetchSnapshot(REPO, { ...options, select: weightsOnly, timing: { ...options.timing, idleMs: 500 } });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
    const requests = server.contentRequests(WEIGHTS, "model.safetensors");
    expect(requests.map(({ range }) => range)).toEqual([undefined, "bytes=300000-", "bytes=500000-", "bytes=900000-"]);
    expect(requests.slice(1).every(({ ifRange }) => ifRange === `"${sha256(WEIGHTS.content)}"`)).toBe(true);
    expect(requests.reduce((sum, { sent }) => sum + sent, 0)).toBe(total);
    expect(await unfinished(options.cacheDir)).toEqual([]);
  });

  test.each([
    ["a server that ignores Range", { kind: "ignore-range" }, [undefined, "bytes=300000-"]],
    [
      "a Content-Range that begins elsewhere",
      { kind: "wrong-range", from: 400_000 },
      [undefined, "bytes=300000-", undefined],
    ],
    ["a content that changed in between", { kind: "etag", etag: '"another"' }, [undefined, "bytes=300000-"]],
    ["a 416", { kind: "status", status: 416 }, [undefined, "bytes=300000-", undefined]],
  ] as const)("starts over for %s", async (_, fault, ranges) => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [{ kind: "drop", after: 300_000 }, fault]);
    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
    const requests = server.contentRequests(WEIGHTS, "model.safetensors");
    expect(requests.map(({ range }) => range)).toEqual(ranges);
    expect(await unfinished(options.cacheDir)).toEqual([]);
  });

  test("is given up after a bounded number of tries; the next call goes on from there", async () => {
    const { server, options } = await startHub();
    const drops = Array.from({ length: 4 }, () => ({ kind: "drop", after: 100_000 }) as const);
    server.faults.set("model.safetensors", [...drops]);
    const error = await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly }));
    expect(error.code).toBe("hub-interrupted");
    expect(error.message).toContain(`400000 of ${total} bytes`);
    const [partial] = await unfinished(options.cacheDir);
    expect((await lstat(join(repoRoot(options.cacheDir), "blobs", partial!))).size).toBe(400_000);
    expect(await readdir(repoRoot(options.cacheDir))).toEqual(["blobs"]);

    const seen: Progress[] = [];
    await fetchSnapshot(REPO, { ...options, select: weightsOnly, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toMatchObject({ receivedBytes: 400_000, resumedFrom: 400_000 });
    expect(server.contentRequests(WEIGHTS, "model.safetensors").at(-1)!.range).toBe("bytes=400000-");
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
    expect(await unfinished(options.cacheDir)).toEqual([]);
  });

  test("counts as none while the download gets ahead", async () => {
    const { server, options } = await startHub();
    const large = { content: patterned(9 * 2 ** 20), lfs: true };
    server.addCommit(REPO, COMMIT, { "model.safetensors": large });
    server.faults.set(
      "model.safetensors",
      // More than what counts as news by some pieces, for the last ones may be lost with the connection.
      Array.from({ length: 6 }, () => ({ kind: "drop", after: 1_450_000 }) as const),
    );
    await fetchSnapshot(REPO, { ...options, timing: { ...options.timing, tries: 2 } });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(large.content));
  });

  test("in mid-abort leaves only a partial that the next call continues", async () => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [{ kind: "stall", after: 600_000 }]);
    const controller = new AbortController();
    const onProgress = ({ receivedBytes }: Progress) => {
      if (receivedBytes > 0) controller.abort(new Error("enough"));
    };
    const error = await failure(
      fetchSnapshot(REPO, { ...options, select: weightsOnly, onProgress, signal: controller.signal }),
    );
    expect(error.message).toBe("enough");
    expect(await readdir(repoRoot(options.cacheDir))).toEqual(["blobs"]);
    expect(await unfinished(options.cacheDir)).toHaveLength(1);

    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    const requests = server.contentRequests(WEIGHTS, "model.safetensors");
    expect(requests).toHaveLength(2);
    expect(requests[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
    expect(await unfinished(options.cacheDir)).toEqual([]);
  });
});

describe("wrong content", () => {
  const wrong = Buffer.from(WEIGHTS.content);
  wrong[77] = wrong[77]! ^ 1;

  test("is fetched once more", async () => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [{ kind: "replace", content: wrong }]);
    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
    expect(server.contentRequests(WEIGHTS, "model.safetensors").map(({ range }) => range)).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("the second time is an error, and nothing of it stays", async () => {
    const { server, options } = await startHub();
    const fault = { kind: "replace", content: wrong } as const;
    server.faults.set("model.safetensors", [fault, fault]);
    const error = await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly }));
    expect(error.code).toBe("hub-hash-mismatch");
    expect(error.message).toContain(`got ${sha256(wrong)}, expected ${sha256(WEIGHTS.content)}`);
    expect(await readdir(join(repoRoot(options.cacheDir), "blobs"))).toEqual([]);
  });

  test("of a small file is found by its git hash", async () => {
    const { server, options } = await startHub();
    const fault = { kind: "replace", content: Buffer.from('{"model_type":"clap"}') } as const;
    server.faults.set("config.json", [fault, fault]);
    const error = await failure(fetchSnapshot(REPO, { ...options, select: () => ["config.json"] }));
    expect(error.code).toBe("hub-hash-mismatch");
  });

  test("an adopted partial with wrong bytes costs one redownload", async () => {
    const { server, options } = await startHub();
    server.faults.set(
      "model.safetensors",
      Array.from({ length: 4 }, () => ({ kind: "drop", after: 50_000 }) as const),
    );
    await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly }));
    const [partial] = await unfinished(options.cacheDir);
    await writeFile(join(repoRoot(options.cacheDir), "blobs", partial!), Buffer.alloc(200_000));
    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
  });

  test.each([
    ["announced", { kind: "short", bytes: 500_000, announced: true }],
    ["unannounced", { kind: "short", bytes: 500_000, announced: false }],
    ["in excess", { kind: "replace", content: Buffer.concat([WEIGHTS.content, Buffer.from("more")]) }],
  ] as const)("of the wrong length, %s, never gets its final name", async (_, fault) => {
    const { server, options } = await startHub();
    server.faults.set(
      "model.safetensors",
      Array.from({ length: 9 }, () => fault),
    );
    const error = await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly }));
    expect(error.code).toBe("hub-size-mismatch");
    expect(await readdir(join(repoRoot(options.cacheDir), "blobs"))).toEqual(await unfinished(options.cacheDir));
    expect(await readdir(repoRoot(options.cacheDir))).toEqual(["blobs"]);
  });
});

test("a cache that is cleared during a download is a typed error", async () => {
  const { options } = await startHub();
  const onProgress = ({ receivedBytes }: Progress) => {
    if (receivedBytes === total) rmSync(repoRoot(options.cacheDir), { recursive: true });
  };
  const error = await failure(fetchSnapshot(REPO, { ...options, select: weightsOnly, onProgress }));
  expect(error.code).toBe("hub-interrupted");
  expect(error.message).toContain("its file was moved or deleted");
});

describe("the server's moods", () => {
  test.each([429, 500, 502, 503, 504])("a passing %i is waited out", async (status) => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [{ kind: "status", status }]);
    server.faults.set("config.json", [{ kind: "status", status }]);
    await fetchSnapshot(REPO, options);
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
  });

  test("Retry-After is obeyed", async () => {
    const { server, options } = await startHub();
    const headers = { "retry-after": "1" };
    server.faults.set("config.json", [{ kind: "status", status: 429, headers }]);
    const start = performance.now();
    await fetchSnapshot(REPO, { ...options, timing: { ...options.timing, maxWaitMs: 2000 } });
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  test("an expired storage link is asked for again", async () => {
    const { server, options } = await startHub();
    server.faults.set("model.safetensors", [
      { kind: "drop", after: 300_000 },
      { kind: "status", status: 403 },
    ]);
    await fetchSnapshot(REPO, { ...options, select: weightsOnly });
    expect(await storedWeights(options.cacheDir)).toBe(sha256(WEIGHTS.content));
  });
});

test("an empty file and one blob under two names", async () => {
  const { server, options } = await startHub();
  const empty = { content: Buffer.alloc(0), lfs: false };
  server.addCommit(REPO, COMMIT, { a: empty, "b/c": empty, d: WEIGHTS, e: WEIGHTS });
  const { folder } = await fetchSnapshot(REPO, { ...options, select: selectAll });
  expect((await readFile(join(folder, "b/c"))).length).toBe(0);
  expect(await realpath(join(folder, "e"))).toBe(await realpath(join(folder, "d")));
  expect(server.contentRequests(WEIGHTS, "d")).toHaveLength(1);
  expect(createHash("sha1").update("blob 0\0").digest("hex")).toBe(contentHash(empty));
});
