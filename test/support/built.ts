import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./paths.js";

/** The URL of a built module, for processes that a test starts. Needs `npm run build` first, which `npm test` does. */
export function builtModule(path: string): string {
  const file = join(ROOT, "dist", path);
  if (!existsSync(file)) throw new Error("dist/ is missing: run `npm test`, which builds it");
  return pathToFileURL(file).href;
}
