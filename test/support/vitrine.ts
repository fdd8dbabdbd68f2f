/** Runs the command line as users do: the built program in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.js";

const MAIN = join(ROOT, "dist/cli/main.js");

export interface Finished {
  /** Of a process that ended by itself. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the running process. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Needs `npm run build` first, which `npm test` does. */
export function vitrine(
  args: readonly string[],
  { cwd = ROOT, env = {}, onStart }: RunOptions = {},
): Promise<Finished> {
  if (!existsSync(MAIN)) throw new Error("dist/ is missing: run `npm test`, which builds it");
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}
