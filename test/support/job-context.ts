/** What jobs work with, on the zoo's models. */
import { createHash } from "node:crypto";
import { decodeImage } from "../../src/engine/media/decode.js";
import type { RgbImage } from "../../src/engine/media/image.js";
import type { JobContext, JobControl } from "../../src/jobs/index.js";
import { loadClip } from "../../src/models/clip/load.js";

/** A context with one model, and pictures by the SHA-256 of their bytes. */
export async function jobContext(ref = "clip-scenes"): Promise<JobContext> {
  const clip = await loadClip(ref);
  const pictures = new Map<string, RgbImage>();
  return {
    models: {
      list: () => Promise.resolve([]),
      open: () => Promise.resolve({ clip, digest: "0".repeat(64) }),
      openGenerator: () => Promise.reject(new Error("no generator was to be opened")),
    },
    pictures: {
      async add(bytes) {
        const id = createHash("sha256").update(bytes).digest("hex");
        const image = await decodeImage(bytes);
        pictures.set(id, image);
        return { id, width: image.width, height: image.height };
      },
      get: (id) => Promise.resolve(pictures.get(id)!),
    },
    kept: new Map(),
  };
}

/** Nobody gives up, nobody listens. */
export const CALM: JobControl = { signal: new AbortController().signal, progress: () => undefined };
