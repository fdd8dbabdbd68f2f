import { lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { RepoCache } from "../../../../src/engine/weights/hub/repo-cache.js";
import { selectModelFiles } from "../../../../src/engine/weights/hub/select-model-files.js";
import { fetchSnapshot, type SnapshotOptions } from "../../../../src/engine/weights/hub/snapshot.js";
import { verifySnapshot } from "../../../../src/engine/weights/hub/verify-snapshot.js";
import { contentHash, type ServedFile, sha256 } from "../../../support/hub-server.js";
import { COMMIT, deadAddress, failure, FILES, repoRoot, REPO, startHub, temporaryFolder, WEIGHTS } from "./hub-test.js";

const NEXT_COMMIT = "fedcba9876543210fedcba9876543210fedcba98";

/** The files as Python's huggingface_hub leaves them. */
async function pythonCache(cacheDir: string, files: Readonly<Record<string, ServedFile>> = FILES): Promise<void> {
  const root = repoRoot(cacheDir);
  for (const [path, file] of Object.entries(files)) {
    const pointer = join(root, "snapshots", COMMIT, path);
    await mkdir(dirname(pointer), { recursive: true });
    await mkdir(join(root, "blobs"), { recursive: true });
    await writeFile(join(root, "blobs", contentHash(file)), file.content);
    await symlink(`${"../".repeat(path.split("/").length + 1)}blobs/${contentHash(file)}`, pointer);
  }
  await mkdir(join(root, "refs"), { recursive: true });
  await writeFile(join(root, "refs", "main"), COMMIT);
  await writeFile(join(cacheDir, "CACHEDIR.TAG"), "");
}

async function emptyOptions(): Promise<SnapshotOptions & { cacheDir: string; recordsDir: string }> {
  const folder = await temporaryFolder();
  return {
    select: selectModelFiles,
    endpoint: await deadAddress(),
    token: "",
    cacheDir: join(folder, "hub"),
    recordsDir: join(folder, "records"),
    timing: { tries: 3, backoffMs: 2 },
  };
}

describe("a cache that Python filled", () => {
  test("is read offline, by branch and by commit", async () => {
    const options = await emptyOptions();
    await pythonCache(options.cacheDir);
    const snapshot = await fetchSnapshot(REPO, { ...options, offline: true });
    expect(snapshot).toEqual({
      folder: join(repoRoot(options.cacheDir), "snapshots", COMMIT),
      commit: COMMIT,
      files: ["config.json", "tokenizer.json", "model.safetensors"],
    });
    expect(await fetchSnapshot(`${REPO}@${COMMIT}`, { ...options, offline: true })).toEqual(snapshot);
  });

  test("serves with a notice when the hub cannot be reached", async () => {
    const options = await emptyOptions();
    await pythonCache(options.cacheDir);
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    for (const id of [REPO, `${REPO}@${COMMIT}`]) {
      expect((await fetchSnapshot(id, { ...options, onNotice })).commit).toBe(COMMIT);
    }
    expect(notices).toHaveLength(2);
    for (const notice of notices) {
      expect(notice).toMatch(
        /^cannot reach 127\.0\.0\.1:\d+: .*Going on with commit 0123456789abcdef.* from the cache$/,
      );
    }
  });

  test("does not hide that a file is missing", async () => {
    const options = await emptyOptions();
    await pythonCache(options.cacheDir, { "config.json": FILES["config.json"] });
    expect((await failure(fetchSnapshot(REPO, options))).code).toBe("hub-unreachable");
    const error = await failure(fetchSnapshot(REPO, { ...options, offline: true }));
    expect(error.code).toBe("hub-not-cached");
    expect(error.message).toMatch(/^offline, and the cache lacks weights: acme\/tiny-clip@main in /);
    const all = { ...options, offline: true, select: () => ["config.json", "vocab.json", "merges.txt"] };
    expect((await failure(fetchSnapshot(REPO, all))).message).toContain("the cache lacks vocab.json");
  });

  test("lends its blobs to a download of the rest", async () => {
    const { server, options } = await startHub();
    await pythonCache(options.cacheDir, { "model.safetensors": WEIGHTS });
    await fetchSnapshot(REPO, { ...options, select: selectModelFiles });
    expect(server.contentRequests(WEIGHTS, "model.safetensors")).toHaveLength(0);
    expect(server.log.filter(({ url }) => url.includes("/resolve/"))).toHaveLength(2);
  });

  test("with a damaged blob names the file to delete, and is healed by deleting it", async () => {
    const { options } = await startHub();
    await pythonCache(options.cacheDir);
    const blob = join(repoRoot(options.cacheDir), "blobs", contentHash(WEIGHTS));
    const damaged = Buffer.from(WEIGHTS.content);
    damaged[500]! ^= 1;
    await writeFile(blob, damaged);
    for (const offline of [true, false]) {
      const error = await failure(fetchSnapshot(REPO, { ...options, offline }));
      expect(error.code).toBe("hub-cache-corrupt");
      expect(error.message).toContain(
        `${blob}: got ${sha256(damaged)}, expected ${contentHash(WEIGHTS)}; delete that file`,
      );
    }
    await rm(blob);
    const { folder } = await fetchSnapshot(REPO, options);
    expect(sha256(await readFile(join(folder, "model.safetensors")))).toBe(contentHash(WEIGHTS));
  });

  test("with a truncated blob is not taken, whatever its name says", async () => {
    const { options } = await startHub();
    await pythonCache(options.cacheDir);
    const blob = join(repoRoot(options.cacheDir), "blobs", contentHash(WEIGHTS));
    await writeFile(blob, WEIGHTS.content.subarray(0, 1000));
    expect((await failure(fetchSnapshot(REPO, options))).message).toContain("got 1000 bytes, expected 1500000 bytes");
  });
});

describe("what Vitrine downloaded", () => {
  test("needs no network for a commit, and one question for a branch", async () => {
    const { server, options } = await startHub();
    const first = await fetchSnapshot(REPO, options);
    server.log.length = 0;
    expect(await fetchSnapshot(`${REPO}@${COMMIT}`, options)).toEqual(first);
    expect(server.log).toEqual([]);
    expect(await fetchSnapshot(REPO, options)).toEqual(first);
    expect(server.log.map(({ url }) => url.split("?")[0])).toEqual([`/api/models/${REPO}/revision/main`]);
    server.log.length = 0;
    expect(await fetchSnapshot(REPO, { ...options, offline: true })).toEqual(first);
    expect(server.log).toEqual([]);
  });

  test("follows a branch that moved, and shares unchanged blobs", async () => {
    const { server, options } = await startHub();
    await fetchSnapshot(REPO, options);
    const config = { content: Buffer.from('{"model_type":"clip","v":2}'), lfs: false };
    server.addCommit(REPO, NEXT_COMMIT, { ...FILES, "config.json": config });
    server.log.length = 0;
    const moved = await fetchSnapshot(REPO, options);
    expect(moved.commit).toBe(NEXT_COMMIT);
    expect(server.log.filter(({ url }) => url.includes("/resolve/")).map(({ url }) => url)).toEqual([
      `/${REPO}/resolve/${NEXT_COMMIT}/config.json`,
    ]);
    expect(await readFile(join(repoRoot(options.cacheDir), "refs/main"), "utf8")).toBe(NEXT_COMMIT);
    expect((await readdir(join(repoRoot(options.cacheDir), "snapshots"))).sort()).toEqual([COMMIT, NEXT_COMMIT].sort());
  });

  test.each([429, 503])("serves with a notice while the hub answers %i", async (status) => {
    const { server, options } = await startHub();
    const first = await fetchSnapshot(REPO, options);
    server.intercept = () => ({ status });
    const notices: string[] = [];
    expect(await fetchSnapshot(REPO, { ...options, onNotice: (notice) => notices.push(notice) })).toEqual(first);
    expect(notices).toHaveLength(1);
  });

  test("is not hashed again while it does not change", async () => {
    const { options } = await startHub();
    const { folder } = await fetchSnapshot(REPO, options);
    const file = join(folder, "model.safetensors");
    const { atime, mtime } = await stat(file);
    const damaged = Buffer.from(WEIGHTS.content);
    damaged[9]! ^= 1;
    await writeFile(file, damaged);
    expect((await failure(fetchSnapshot(REPO, { ...options, offline: true }))).code).toBe("hub-cache-corrupt");

    // The record is trusted for an equal size and time: this is what makes a start quick, and what `verify` is for.
    await writeFile(file, WEIGHTS.content);
    await utimes(file, atime, mtime);
    await fetchSnapshot(REPO, { ...options, offline: true });
    await writeFile(file, damaged);
    await utimes(file, atime, mtime);
    await fetchSnapshot(REPO, { ...options, offline: true });
    const { files } = await verifySnapshot(REPO, options);
    expect(files.filter(({ status }) => status !== "ok").map(({ path }) => path)).toEqual(["model.safetensors"]);
    expect((await failure(fetchSnapshot(REPO, { ...options, offline: true }))).code).toBe("hub-cache-corrupt");
  });

  test("serves although its records cannot be written", async () => {
    const { options } = await startHub();
    await fetchSnapshot(REPO, options);
    await rm(options.recordsDir!, { recursive: true });
    await writeFile(options.recordsDir!, "a file where the folder should be");
    const notices: string[] = [];
    await fetchSnapshot(REPO, { ...options, onNotice: (notice) => notices.push(notice) });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain("model files will be checked again at every start");
  });
});

describe("verifySnapshot", () => {
  test("tells good, damaged and missing files apart", async () => {
    const { options } = await startHub();
    await pythonCache(options.cacheDir);
    const blobs = join(repoRoot(options.cacheDir), "blobs");
    await rm(join(blobs, contentHash(FILES["tokenizer.json"])));
    await writeFile(join(blobs, contentHash(FILES["config.json"])), '{"model_type":"clap"}');
    const seen: string[] = [];
    const { files, commit } = await verifySnapshot(REPO, { ...options, onFile: (file) => seen.push(file) });
    expect(commit).toBe(COMMIT);
    expect(files.map(({ path, status }) => [path, status])).toEqual([
      ["config.json", "corrupt"],
      ["model.safetensors", "ok"],
      ["pytorch_model.bin", "ok"],
      ["sub/nested/notes.txt", "ok"],
      ["tokenizer.json", "missing"],
    ]);
    expect(seen).toEqual(files.map(({ path }) => path));
  });

  test("says so when nothing is cached", async () => {
    const options = await emptyOptions();
    expect((await failure(verifySnapshot(REPO, options))).code).toBe("hub-not-cached");
  });
});

test("where links are not permitted files are copied", async () => {
  const folder = await temporaryFolder();
  const refused = () => Promise.reject(Object.assign(new Error("no links here"), { code: "EPERM" }));
  const cache = new RepoCache(folder, REPO, refused);
  await cache.prepare();
  await writeFile(cache.blob(contentHash(WEIGHTS)), WEIGHTS.content);
  await cache.link(contentHash(WEIGHTS), COMMIT, "a/model.safetensors");
  const pointer = cache.pointer(COMMIT, "a/model.safetensors");
  expect((await lstat(pointer)).isSymbolicLink()).toBe(false);
  expect(sha256(await readFile(pointer))).toBe(contentHash(WEIGHTS));
  expect(await cache.files(COMMIT)).toEqual([{ path: "a/model.safetensors", size: WEIGHTS.content.length, hash: "" }]);
  expect((await readdir(cache.root)).sort()).toEqual(["blobs", "snapshots"]);
});
