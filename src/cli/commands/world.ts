/** `vitrine world`: a look at a procedural world. */
import { UsageError } from "../../engine/errors.js";
import type { GlobalOptions } from "../fail.js";
import { refuseToOverwrite } from "../overwrite.js";
import { printable } from "../terminal-text.js";
import type { Drawn, DrawOptions } from "../world/drawn.js";
import { drawFaces } from "../world/faces.js";
import { drawGlyphs } from "../world/glyphs.js";
import { drawScenes } from "../world/scenes.js";
import { type SheetLayout, writeSheet } from "../world/sheet.js";

export interface WorldOptions extends GlobalOptions, DrawOptions, SheetLayout {
  readonly out?: string;
  readonly force?: true;
}

interface World {
  readonly draw: (options: DrawOptions) => Drawn[];
  /** Which of the options that not all worlds have it takes. */
  readonly takes: readonly ("spurious" | "classes")[];
}

const WORLDS: Readonly<Record<string, World>> = {
  scenes: { draw: drawScenes, takes: ["spurious"] },
  faces: { draw: drawFaces, takes: [] },
  glyphs: { draw: drawGlyphs, takes: ["classes"] },
};

/** Throws `UsageError` for an unknown world, `OutputExistsError`, `DiskFullError`, `FileUnwritableError`. */
export async function runWorld(name: string, options: WorldOptions): Promise<void> {
  const { out, count, size, seed, json } = options;
  const { draw, takes } = worldOf(name);
  for (const option of ["spurious", "classes"] as const) {
    if (options[option] === undefined || takes.includes(option)) continue;
    throw new UsageError({ what: `--${option} means nothing for ${name}`, fix: "leave it out" });
  }
  if (out === undefined && !json) {
    throw new UsageError({ what: "nothing to do", fix: "pass --out FILE for a contact sheet, or --json" });
  }
  if (out !== undefined) refuseToOverwrite(out, options.force);
  const drawn = draw(options);
  if (out !== undefined) await writeSheet(out, drawn, options);
  if (json) printJson(name, drawn, options);
  else process.stdout.write(`Wrote ${count} pictures of ${size} × ${size} (seed ${seed}) to ${printable(out!)}.\n`);
}

function worldOf(name: string): World {
  if (Object.hasOwn(WORLDS, name)) return WORLDS[name]!;
  const expected = Object.keys(WORLDS).join(", ");
  throw new UsageError({ what: "no such world", got: `"${name}"`, expected });
}

/** One picture at a time. */
function printJson(world: string, drawn: readonly Drawn[], { seed, size, spurious, out }: WorldOptions): void {
  const head = JSON.stringify({ world, seed, size, ...(spurious !== undefined && { spurious }) });
  process.stdout.write(`${head.slice(0, -1)},"${world}":[`);
  drawn.forEach(({ told }, i) => process.stdout.write((i === 0 ? "" : ",") + JSON.stringify(told(size))));
  process.stdout.write(`],"files":${JSON.stringify(out === undefined ? [] : [out])}}\n`);
}
