import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fetchSnapshot } from "../../../../src/engine/weights/hub/snapshot.js";
import { sha256 } from "../../../support/hub-server.js";
import { atEnd, failure, repoRoot, REPO, startHub, temporaryFolder, unfinished, WEIGHTS } from "./hub-test.js";

const mountable = canMount();
if (!mountable) {
  process.stderr.write(
    "\nSKIPPED: full-disk and read-only tests, because this user may not mount a tmpfs (run them as root)\n\n",
  );
}

function canMount(): boolean {
  if (process.platform !== "linux") return false;
  const folder = mkdtempSync(join(tmpdir(), "vitrine-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function smallDisk(size: string): Promise<string> {
  const folder = await temporaryFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  atEnd(() => Promise.resolve(execFileSync("umount", [folder])));
  return folder;
}

const weightsOnly = () => ["model.safetensors"];

describe.skipIf(!mountable)("a disk", () => {
  test("that is too small is not filled first", async () => {
    const { server, options } = await startHub();
    const cacheDir = await smallDisk("1m");
    const error = await failure(fetchSnapshot(REPO, { ...options, cacheDir }));
    expect(error.code).toBe("disk-full");
    expect(error.message).toMatch(/got \d+ bytes free, 1500000 needed; free some space, or set HF_HUB_CACHE/);
    expect(server.contentRequests(WEIGHTS, "model.safetensors")).toHaveLength(0);
  });

  test("that fills up during the download keeps what came, and the rest follows when there is room", async () => {
    const { server, options } = await startHub();
    const cacheDir = await smallDisk("2m");
    const filler = join(cacheDir, "filler");
    let goOn = (): void => undefined;
    const until = new Promise<void>((resolve) => (goOn = resolve));
    server.faults.set("model.safetensors", [{ kind: "pause", after: 500_000, until }]);
    const onProgress = ({ receivedBytes }: { receivedBytes: number }) => {
      if (receivedBytes === 500_000) void writeFile(filler, Buffer.alloc(1_200_000)).then(goOn);
    };
    const within = { ...options, cacheDir, select: weightsOnly };
    const error = await failure(fetchSnapshot(REPO, { ...within, onProgress }));
    expect(error.code).toBe("disk-full");
    expect(error.message).toContain("ENOSPC while writing");
    expect(await readdir(join(repoRoot(cacheDir), "blobs"))).toEqual(await unfinished(cacheDir));
    expect(await unfinished(cacheDir)).toHaveLength(1);

    await rm(filler);
    const { folder } = await fetchSnapshot(REPO, within);
    expect(server.contentRequests(WEIGHTS, "model.safetensors").at(-1)!.range).toMatch(/^bytes=[5-9]\d{5}-$/);
    expect(sha256(await readFile(join(folder, "model.safetensors")))).toBe(sha256(WEIGHTS.content));
    expect(await unfinished(cacheDir)).toEqual([]);
  });

  test("that is read-only serves what it holds, and says so when more is wanted", async () => {
    const { server, options } = await startHub();
    const cacheDir = await smallDisk("8m");
    await fetchSnapshot(REPO, { ...options, cacheDir, select: weightsOnly });
    execFileSync("mount", ["-o", "remount,ro", cacheDir]);
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    await fetchSnapshot(REPO, { ...options, cacheDir, select: weightsOnly, onNotice });
    expect(notices).toEqual([]);

    const error = await failure(fetchSnapshot(REPO, { ...options, cacheDir }));
    expect(error.code).toBe("hub-cache-not-writable");
    expect(error.message).toContain("EROFS");
    expect(server.log.at(-1)!.url).not.toContain("resolve");
  });

  test("that is read-only cannot note a new name for a commit, which is no reason to fail", async () => {
    const { server, options } = await startHub();
    const cacheDir = await smallDisk("8m");
    const { commit } = await fetchSnapshot(REPO, { ...options, cacheDir, select: weightsOnly });
    server.addCommit(REPO, commit, { "model.safetensors": WEIGHTS }, ["v1"]);
    execFileSync("mount", ["-o", "remount,ro", cacheDir]);
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    await fetchSnapshot(`${REPO}@v1`, { ...options, cacheDir, select: weightsOnly, onNotice });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/^cannot note that "v1" is commit 0123.*EROFS/);
  });
});
