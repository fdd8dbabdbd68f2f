/** Builds library and workbench for `npm start`, unless nothing has changed since they were built. */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = ["src", "workbench", "zoo", "examples", "docs/errors", "package.json", "package-lock.json"];
/** The last that each build writes, or nearly. */
const BUILT = ["dist/cli/main.js", "dist/workbench/index.html"];

/** When a file or any below a folder was last written, in milliseconds; 0 where there is none. */
function written(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => written(join(path, name))));
}

const newest = Math.max(...SOURCES.map((path) => written(join(ROOT, path))));
if (BUILT.some((path) => written(join(ROOT, path)) < newest)) {
  const { status } = spawnSync("npm", ["run", "build:site"], { cwd: ROOT, stdio: "inherit", shell: true });
  process.exitCode = status ?? 1;
}
