/** The same numbers from a terminal. */
import { options, pictureFile, quoted } from "../../state/command-words.js";
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
  return [
    `vitrine segment ${pictureFile(picture)}`,
    `--model ${quoted(model)}`,
    ...options("text", alone ? [text] : [text, ...texts.filter((other) => other !== text)]),
    ...(against === undefined ? [] : options("against", [against])),
    ...options("head", heads),
    ...(settings.threshold === undefined ? [] : [`--threshold ${settings.threshold}`]),
    ...(mask === undefined ? [] : [`--mask ${quoted(mask.name)}`, `--alignment ${settings.alignment}`]),
    "--out segment",
  ].join(" ");
}
