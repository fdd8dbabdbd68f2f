/** `models/`: the zoo's models that run in a page, as files with their hashes. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import type * as Library from "../../dist/browser.js";
import type { ModelKind } from "../../dist/jobs/index.js";
import { type SiteFile, siteFiles } from "./site-files.js";

const ZOO = new URL("../../zoo/", import.meta.url);
const LIBRARY = new URL("../../dist/browser.js", import.meta.url).href;
const FILES = {
  clip: ["open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"],
  vlm: ["config.json", "model.safetensors", "tokenizer.json"],
  generator: ["config.json", "model.safetensors"],
} as const;

interface Shown {
  readonly ref: string;
  readonly kind: ModelKind;
  readonly summary: string;
}

const SHOWN: readonly Shown[] = [
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
];

export function models(): Plugin {
  return siteFiles("models", async () => {
    const out: SiteFile[] = [];
    const index = [];
    for (const { ref, kind, summary } of [...SHOWN, ...(await generators())]) {
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

/** All of the zoo. */
async function generators(): Promise<Shown[]> {
  // Only when the site is built: the library is, by then.
  const { generatorSummary } = (await import(LIBRARY)) as typeof Library;
  const found: Shown[] = [];
  for (const ref of (await readdir(ZOO)).sort()) {
    const config = new URL(`${ref}/config.json`, ZOO);
    if (!existsSync(config)) continue;
    const { model_type: type, ...architecture } = JSON.parse(await readFile(config, "utf8")) as Config;
    if (type !== "idempotent-generator") continue;
    const weights = await readFile(new URL(`${ref}/model.safetensors`, ZOO));
    found.push({ ref, kind: "generator", summary: generatorSummary(architecture, metadataOf(weights)) });
  }
  return found;
}

interface Config {
  readonly model_type?: string;
  readonly size: number;
  readonly channels: 1 | 3;
}

function metadataOf(safetensors: Buffer): Readonly<Record<string, string>> {
  const end = 8 + Number(safetensors.readBigUInt64LE(0));
  const header = JSON.parse(safetensors.subarray(8, end).toString("utf8")) as { __metadata__?: Record<string, string> };
  return header.__metadata__ ?? {};
}
