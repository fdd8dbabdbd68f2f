import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../../support/paths.js";

/** Compiles `entry` (under src/) and what it imports into `folder`, for a process of its own. Returns the module's path. */
export function compileInto(folder: string, entry: string): string {
  const source = join(ROOT, "src");
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    rootDir: source,
    outDir: folder,
    noCheck: true,
    types: [],
  };
  ts.createProgram([join(source, entry)], options).emit();
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return join(folder, entry.replace(/\.ts$/, ".js"));
}
