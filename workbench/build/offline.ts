/** `service-worker.js`: compiled from src/offline, with the list of what the site consists of. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("../src/offline/service-worker.ts", import.meta.url));
const PUBLIC = new URL("../public/", import.meta.url);
const NAME = "service-worker.js";

export function offline(): Plugin {
  return {
    name: "vitrine-offline",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: SOURCE, fileName: NAME });
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const worker = bundle[NAME];
        if (worker?.type !== "chunk") throw new Error(`${NAME} was not built`);
        const hash = createHash("sha256");
        const names: string[] = readdirSync(PUBLIC);
        for (const name of names) hash.update(name).update(readFileSync(new URL(name, PUBLIC)));
        for (const [name, file] of Object.entries(bundle)) {
          if (name === NAME || name.endsWith(".map")) continue;
          hash.update(name).update(file.type === "chunk" ? file.code : file.source);
          names.push(name);
        }
        const site = {
          version: hash.digest("hex").slice(0, 16),
          files: names.filter((name) => !isForFew(name) && !isWeights(name)).sort(),
          whenUsed: names.filter(isForFew).sort(),
        };
        worker.code = `const VITRINE_SITE = ${JSON.stringify(site)};\n${worker.code}`;
      },
    },
  };
}

/** Large, and used by those who ask for the GPU. */
function isForFew(name: string): boolean {
  return name.includes("asyncify");
}

/** Kept by the page's worker, which checks them. */
function isWeights(name: string): boolean {
  return /^models\/[^/]+\//.test(name);
}
