import type { Picture } from "./picture.js";

/** What a picture's file is called on a command line: the file that was dropped, or the one that a scene is saved as. */
export function pictureFile({ ref, name }: Picture): string {
  return "scene" in ref ? `${name.replace(/\.json$/i, "")}.json` : name;
}
