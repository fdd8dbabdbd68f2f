/** `models/`: the zoo's models that run in a page, as files with their hashes. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import { type SiteFile, siteFiles } from "./site-files.js";

const ZOO = new URL("../../zoo/", import.meta.url);
const FILES = ["open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"];
const SHOWN = [
  { ref: "clip-scenes", summary: "A small CLIP of drawn scenes, trained by Vitrine; of photographs it knows nothing." },
  { ref: "clip-random", summary: "The same kind of model with random weights: what chance looks like." },
];

export function models(): Plugin {
  return siteFiles("models", async () => {
    const out: SiteFile[] = [];
    const index = [];
    for (const { ref, summary } of SHOWN) {
      const files = [];
      for (const name of FILES) {
        const bytes = await readFile(new URL(`${ref}/${name}`, ZOO));
        out.push({ path: `models/${ref}/${name}`, bytes });
        files.push({ name, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
      }
      index.push({ ref, summary, size: files.reduce((sum, { size }) => sum + size, 0), files });
    }
    return [...out, { path: "models/index.json", bytes: JSON.stringify(index) }];
  });
}
