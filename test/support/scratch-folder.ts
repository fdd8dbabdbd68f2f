import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll } from "vitest";

/** Long enough for what a browser that was closed still writes to its profile on a busy machine. */
const [ATTEMPTS, PAUSE_MS] = [40, 200];

/** A folder of its own for a test file, removed afterwards. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-test-"));
  afterAll(async () => {
    for (let left = ATTEMPTS; ; left--) {
      try {
        await rm(folder, { recursive: true, force: true });
        return;
      } catch (error) {
        if (left === 0) throw error;
        await sleep(PAUSE_MS);
      }
    }
  });
  return folder;
}
