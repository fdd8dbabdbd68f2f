/** Downloads in processes of their own, which Node 20 can only run as JavaScript: so the sources are stripped of types first. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import ts from "typescript";
import { ROOT } from "../../../support/paths.js";

const HUB = "engine/weights/hub";

/** Puts into `folder` a program that takes a repository id and options as JSON, and prints the snapshot. */
export async function compileProgram(folder: string): Promise<void> {
  const modules = (await readdir(join(ROOT, "src", HUB))).map((name) => `${HUB}/${name}`);
  for (const module of [...modules, "engine/errors.ts"]) {
    const source = await readFile(join(ROOT, "src", module), "utf8");
    const compilerOptions = {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    };
    const file = join(folder, module.replace(/\.ts$/, ".js"));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, ts.transpileModule(source, { compilerOptions }).outputText);
  }
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const program = `import { fetchSnapshot } from "./${HUB}/snapshot.js";
    const [id, options] = process.argv.slice(2);
    console.log(JSON.stringify(await fetchSnapshot(id, { ...JSON.parse(options), select: (all) => all.map((f) => f.path) })));`;
  await writeFile(join(folder, "main.js"), program);
}

export function startProgram(folder: string, id: string, options: object): ChildProcess {
  const args = [join(folder, "main.js"), id, JSON.stringify(options)];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

/** What a program printed, once it has ended well. */
export async function outputOf(child: ChildProcess): Promise<unknown> {
  const chunks: Buffer[] = [];
  child.stdout!.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`the child ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString());
}
