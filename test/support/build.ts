/** Runs once before all tests. The command line is tested as users run it: `npm test` builds `dist/` first. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.js";

export default function setup(): void {
  if (!existsSync(join(ROOT, "dist/cli/main.js"))) throw new Error("dist/ is missing: run `npm test`, which builds it");
}
