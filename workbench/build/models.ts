/** `models/`: the zoo's models that run in a page, as files with their hashes. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import { type SiteFile, siteFiles } from "./site-files.js";

const ZOO = new URL("../../zoo/", import.meta.url);
const FILES = {
  clip: ["open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"],
  vlm: ["config.json", "model.safetensors", "tokenizer.json"],
} as const;
const SHOWN = [
  {
    ref: "clip-scenes",
    kind: "clip",
    summary: "A small CLIP of drawn scenes, trained by Vitrine; of photographs it knows nothing.",
  },
  { ref: "clip-random", kind: "clip", summary: "The same kind of model with random weights: what chance looks like." },
  {
    ref: "vlm-scenes",
    kind: "vlm",
    summary: "Describes drawn scenes, and not always truly: a small language model on what clip-scenes sees.",
  },
] as const;

export function models(): Plugin {
  return siteFiles("models", async () => {
    const out: SiteFile[] = [];
    const index = [];
    for (const { ref, kind, summary } of SHOWN) {
      if (!existsSync(new URL(`${ref}/`, ZOO))) continue;
      const files = [];
      for (const name of FILES[kind]) {
        const bytes = await readFile(new URL(`${ref}/${name}`, ZOO));
        out.push({ path: `models/${ref}/${name}`, bytes });
        files.push({ name, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
      }
      index.push({ ref, kind, summary, size: files.reduce((sum, { size }) => sum + size, 0), files });
    }
    return [...out, { path: "models/index.json", bytes: JSON.stringify(index) }];
  });
}
