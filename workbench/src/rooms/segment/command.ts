/** The same numbers from a terminal. */
import { commandLine } from "../../state/command-line.js";
import { pictureFile } from "../../state/picture-file.js";
import { pictureKey } from "../../state/picture.js";
import type { Selection } from "../../state/selection.svelte.js";
import { settings } from "./settings.svelte.js";

export function commandOf({ model, picture, pictureId, texts, text, against, info }: Selection): string {
  if (picture === undefined || text === undefined) return "vitrine segment --help";
  const alone = against !== undefined || settings.against === "nothing";
  const perLayer = info?.heads ?? 1;
  const heads = settings.heads.map((cell) => `${Math.floor(cell / perLayer)}.${cell % perLayer}`);
  const mask =
    settings.mask?.picture === pictureKey(picture.ref) && pictureId !== undefined ? settings.mask : undefined;
  const each = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [`--${name}`, value]);
  return commandLine([
    "vitrine",
    "segment",
    pictureFile(picture),
    ...each("text", alone ? [text] : [text, ...texts.filter((other) => other !== text)]),
    ...each("against", against === undefined ? [] : [against]),
    ...each("head", heads),
    ...each("threshold", settings.threshold === undefined ? [] : [String(settings.threshold)]),
    ...(mask === undefined ? [] : ["--mask", mask.name, "--alignment", settings.alignment]),
    "--model",
    model,
    "--out",
    "segment",
  ]);
}
