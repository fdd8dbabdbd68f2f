/** What pages import never reaches for Node: followed through the built modules' own imports. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { VERSION } from "../../src/version.js";
import { builtModule } from "../support/built.js";
import { ROOT } from "../support/paths.js";

const SPECIFIER = /(?:^|\n)(?:import|export)[^;]*?from "([^"]+)"|(?:^|\n)import "([^"]+)"|\bimport\("([^"]+)"\)/g;
/** Which a page has a version of. */
const PACKAGES = [
  "@bufbuild/protobuf",
  "@huggingface/jinja",
  "@huggingface/tokenizers",
  "d3-scale-chromatic",
  "entities",
  "ml-matrix",
  "zod",
];
const OWN = ["onnxruntime-web/wasm", "onnxruntime-web/webgpu"];

function reached(entry: string): Map<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, from, bare, dynamic] of readFileSync(file, "utf8").matchAll(SPECIFIER)) {
      const specifier = (from ?? bare ?? dynamic)!;
      if (specifier === "#runtime") visit(join(ROOT, "dist/engine/runtime/web.js"));
      else if (specifier.startsWith(".")) visit(join(dirname(file), specifier));
      else packages.set(specifier, relative(ROOT, file));
    }
  };
  visit(fileURLToPath(entry));
  expect(seen.size).toBeGreaterThan(10);
  return packages;
}

test.each(["browser.js", "jobs/index.js"])("%s reaches for packages that pages can have, and no other", (entry) => {
  const strangers = [...reached(builtModule(entry))].filter(
    ([name]) => !OWN.includes(name) && !PACKAGES.some((own) => name === own || name.startsWith(`${own}/`)),
  );
  expect(strangers).toEqual([]);
});

test("the version in results is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(VERSION).toBe(version);
});
