/** How a result came about, as every command tells it. */
import { VERSION } from "../version.js";

export interface CommandProvenance {
  readonly version: string;
  readonly date: string;
  /** From the start of the run to now. */
  readonly seconds: number;
  readonly command: string;
}

export function commandProvenance(started: Date): CommandProvenance {
  return {
    version: VERSION,
    date: started.toISOString(),
    seconds: Number(((Date.now() - started.getTime()) / 1000).toFixed(3)),
    command: ["vitrine", ...process.argv.slice(2)].map(shellWord).join(" "),
  };
}

/** Quoted as POSIX shells ask for it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
