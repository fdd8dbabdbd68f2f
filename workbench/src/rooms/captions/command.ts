/** The same from a terminal. */
import { commandLine } from "../../state/command-line.js";
import { pictureFile } from "../../state/picture-file.js";
import { pictureKey } from "../../state/picture.js";
import type { Selection } from "../../state/selection.svelte.js";
import { settings } from "./settings.svelte.js";
import { askedWords } from "./view.js";

export function commandOf({ model, picture, texts, info }: Selection): string {
  if (picture === undefined || info?.captions === undefined) return "vitrine caption --help";
  const each = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [`--${name}`, value]);
  const set = (name: string, value: number | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, String(value)];
  const erased = settings.erasedOf(`${model} ${pictureKey(picture.ref)}`);
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
