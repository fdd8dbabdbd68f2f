import type { Picture } from "./picture.js";

/** What a picture's file is called: commands take files of scenes too, as "Save" under + writes them. */
export function pictureFile({ ref, name }: Picture): string {
  return "scene" in ref ? `${name}.json` : name;
}

/** Words as one line of a shell: quoted where they must be, so that what is copied does what is meant. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
