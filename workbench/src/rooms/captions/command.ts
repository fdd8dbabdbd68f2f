/** The same from a terminal. */
import { commandLine } from "../../state/command-line.js";
import { pictureFile } from "../../state/picture-file.js";
import type { Selection } from "../../state/selection.svelte.js";
import { keyOf, settings } from "./settings.svelte.js";
import { askedWords } from "./view.js";

export function commandOf(selection: Selection): string {
  const { model, picture, texts, info } = selection;
  if (picture === undefined || info?.captions === undefined) return "vitrine caption --help";
  const each = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [`--${name}`, value]);
  const set = (name: string, value: number | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, String(value)];
  const erased = settings.erasedOf(keyOf(selection) ?? "");
  return commandLine([
    "vitrine",
    "caption",
    pictureFile(picture),
    ...each("confidence", askedWords(texts)),
    ...(settings.auto ? ["--auto-erase"] : each("erase", erased)),
    ...set("layer", settings.layer),
    ...set("text-layer", settings.textLayer),
    ...set("alpha", settings.alpha),
    ...set("threshold", settings.threshold),
    ...(settings.joint ? ["--joint"] : []),
    ...(settings.norm === "final" ? ["--norm", "final"] : []),
    "--model",
    model,
    "--out",
    "caption",
  ]);
}
