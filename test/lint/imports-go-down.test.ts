/** The layer rule, on snippets: what it catches, and what it leaves alone. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/paths.js";

// By address: the rule is plain JavaScript, without types.
const { default: rule } = (await import(pathToFileURL(join(ROOT, "lint/imports-go-down.js")).href)) as {
  default: NonNullable<ESLint.Plugin["rules"]>[string];
};

const eslint = new ESLint({
  cwd: ROOT,
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.ts"],
      languageOptions: { parser: tseslint.parser },
      plugins: { vitrine: { rules: { "imports-go-down": rule } } },
      rules: { "vitrine/imports-go-down": "error" },
    },
  ],
});

async function faults(file: string, code: string): Promise<(string | undefined)[]> {
  const [result] = await eslint.lintText(code, { filePath: join(ROOT, "src", file) });
  return result!.messages.map(({ messageId, message }) => messageId ?? message);
}

describe("caught", () => {
  test.each<[fault: string, file: string, code: string]>([
    ["up", "engine/tensor/a.ts", 'import { a } from "../media/a.js";'],
    ["up", "engine/media/a.ts", 'import { a } from "../weights/a.js";'],
    ["up", "engine/weights/hub/a.ts", 'import { a } from "../../graph/a.js";'],
    ["up", "engine/graph/ops/a.ts", 'import { a } from "../../runtime/a.js";'],
    ["up", "engine/runtime/a.ts", 'import { a } from "../train/a.js";'],
    ["up", "engine/train/a.ts", 'import { a } from "../../models/clip/a.js";'],
    ["up", "models/a.ts", 'import { a } from "../worlds/a.js";'],
    ["up", "worlds/a.ts", 'import { a } from "../methods/decompose/a.js";'],
    ["up", "methods/decompose/a.ts", 'import { a } from "../../server/a.js";'],
    ["up", "server/a.ts", 'import { a } from "../cli/a.js";'],
    ["up", "cli/a.ts", 'import { a } from "../index.js";'],
    ["up", "engine/tensor/a.ts", 'import { a } from "../../graph.js";'],
    ["up", "models/a.ts", 'import { a } from "../index.js";'],
    ["up", "engine/errors.ts", 'import { a } from "./tensor/a.js";'],
    ["up", "version.ts", 'import { a } from "./engine/errors.js";'],
    ["up", "engine/media/a.ts", 'import type { A } from "../graph/a.js";'],
    ["up", "engine/media/a.ts", 'import "../graph/a.js";'],
    ["up", "engine/media/a.ts", 'export { a } from "../graph/a.js";'],
    ["up", "engine/media/a.ts", 'export * from "../graph/a.js";'],
    ["up", "engine/media/a.ts", 'await import("../graph/a.js");'],
    ["up", "engine/media/a.ts", "await import(`../graph/a.js`);"],
    ["up", "engine/media/a.ts", 'export type A = import("../graph/a.js").A;'],
    ["up", "engine/tensor/a.ts", 'import { a } from "./../../models/../models/clip/a.js";'],
    ["self", "cli/a.ts", 'import { a } from "vitrine";'],
    ["self", "engine/media/a.ts", 'await import("vitrine/graph");'],
    ["method", "methods/decompose/a.ts", 'import { a } from "../neurons/a.js";'],
    ["method", "methods/decompose/report/a.ts", 'import { a } from "../../neurons/report/a.js";'],
    ["method", "methods/shared.ts", 'import { a } from "./neurons/a.js";'],
    ["unknown", "engine/kitchen/a.ts", "export const a = 1;"],
    ["unknown", "attic/a.ts", "export const a = 1;"],
    ["unknown", "other.ts", "export const a = 1;"],
    ["unknown", "cli/a.ts", 'import { a } from "../engine/kitchen/a.js";'],
    ["unknown", "cli/a.ts", 'import { a } from "../attic/a.js";'],
    ["unknown", "cli/a.ts", 'import { a } from "../../workbench/a.js";'],
    ["unknown", "cli/a.ts", 'import { a } from "../engine";'],
    ["unknown", "cli/a.ts", 'import { a } from "/engine/errors.js";'],
    ["computed", "engine/media/a.ts", "await import(`../${name}/a.js`);"],
    ["computed", "engine/media/a.ts", "await import(name);"],
  ])("%s: %s: %s", async (fault, file, code) => {
    expect(await faults(file, code)).toEqual([fault]);
  });
});

describe("allowed", () => {
  test.each<[file: string, code: string]>([
    ["engine/tensor/a.ts", 'import { a } from "../errors.js";'],
    ["engine/tensor/a.ts", 'import { a } from "./media.js";'],
    ["engine/errors.ts", 'import { a } from "../version.js";'],
    ["engine/errors.ts", 'import { a } from "./other.js";'],
    ["engine/runtime/a.ts", 'import { a } from "../tensor/a.js";'],
    ["engine/weights/hub/a.ts", 'import { a } from "../methods/a.js";'],
    ["models/clip/a.ts", 'import { a } from "../../engine/train/a.js";'],
    ["models/clip/a.ts", 'import { a } from "../locate.js";'],
    ["methods/decompose/a.ts", 'import { a } from "./report/a.js";'],
    ["methods/decompose/report/a.ts", 'import { a } from "../a.js";'],
    ["methods/decompose/a.ts", 'import { a } from "../shared.js";'],
    ["cli/a.ts", 'await import("../methods/decompose/a.js");'],
    ["cli/a.ts", 'import { a } from "../version.js";'],
    ["index.ts", 'export { a } from "./cli/a.js"; export * from "./graph.js";'],
    ["graph.ts", 'export { a } from "./engine/graph/value.js";'],
    ["engine/media/a.ts", 'import { a } from "sharp"; import b from "node:fs"; import c from "vitrines";'],
    ["engine/media/a.ts", "export const a = 1; export { a as b };"],
  ])("%s: %s", async (file, code) => {
    expect(await faults(file, code)).toEqual([]);
  });
});

test("the project's own configuration applies it to src/, and to nothing else", async () => {
  const project = new ESLint({ cwd: ROOT });
  const severity = async (file: string): Promise<unknown> => {
    const config = (await project.calculateConfigForFile(join(ROOT, file))) as { rules: Record<string, unknown[]> };
    return config.rules["vitrine/imports-go-down"]?.[0];
  };
  expect(await severity("src/engine/errors.ts")).toBe(2);
  expect(await severity("src/cli/new/file.ts")).toBe(2);
  expect(await severity("test/lint/imports-go-down.test.ts")).toBeUndefined();
  expect(await severity("workbench/main.ts")).toBeUndefined();
});
