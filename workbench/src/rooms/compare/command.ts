import { commandLine, pictureFile } from "../../state/command-line.js";
import { editWords } from "../../state/edit-words.js";
import type { Selection } from "../../state/selection.svelte.js";
import type { Compared } from "./choice.svelte.js";

/** One command for two pictures; two, one after the other, for two models. */
export function commandOf(
  { picture, second, texts, model, edits }: Selection,
  what: Compared,
  otherModel: string | undefined,
): string {
  const a = picture ? pictureFile(picture) : "IMAGE";
  const b = second ? pictureFile(second) : "IMAGE";
  const asked = (pictures: readonly string[], ref: string, changes: readonly string[]): string =>
    commandLine([
      "vitrine",
      "decompose",
      ...pictures,
      ...texts.flatMap((text) => ["--text", text]),
      ...changes,
      "--model",
      ref,
    ]);
  const changes = editWords(edits);
  if (what === "pictures") return asked([a, b], model, changes);
  return what === "edit"
    ? `${asked([a], model, [])} && ${asked([a], model, changes)}`
    : `${asked([a], model, changes)} && ${asked([a], otherModel ?? "MODEL", [])}`;
}
