/** The same numbers from a terminal. */
import { commandLine } from "../../state/command-line.js";
import { pictureFile } from "../../state/picture-file.js";
import type { Selection } from "../../state/selection.svelte.js";
import { headsOf, SCENES, settings, TOP } from "./settings.svelte.js";

export function commandOf({ model, info, picture, text, seed }: Selection): string {
  const asked = settings.by === "text" ? text : picture && pictureFile(picture);
  if (asked === undefined || info === undefined) return "vitrine retrieve --help";
  const heads = headsOf(info).flatMap((cell) => ["--head", `${Math.floor(cell / info.heads)}.${cell % info.heads}`]);
  const among =
    settings.among === "files" && settings.files.length > 0
      ? ["--among", "FOLDER"]
      : ["--count", String(SCENES), "--seed", String(seed)];
  return commandLine([
    ...["vitrine", "retrieve", asked, ...heads, "--similarity", settings.similarity, "--combine", settings.combine],
    ...[...among, "--top", String(TOP), "--model", model],
  ]);
}
