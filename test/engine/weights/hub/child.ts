/** Downloads in processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { builtModule } from "../../../support/built.js";

/** Starts a process that downloads a repository and prints the snapshot. */
export function startProgram(id: string, options: object): ChildProcess {
  const script = `import { fetchSnapshot } from ${JSON.stringify(builtModule("engine/weights/hub/snapshot.js"))};
    const [id, options] = process.argv.slice(1);
    console.log(JSON.stringify(await fetchSnapshot(id, { ...JSON.parse(options), select: (all) => all.map((f) => f.path) })));`;
  const args = ["--input-type=module", "--eval", script, id, JSON.stringify(options)];
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
