/** Scenes as files that commands take for pictures. */
import { pictureFile } from "./command-line.js";
import type { Picture } from "./picture.js";

/** Gives the scene's JSON to the browser's downloads; nothing for a picture that is a file already. */
export function saveScene(picture: Picture): void {
  if (!("scene" in picture.ref)) return;
  const content = new Blob([`${JSON.stringify(picture.ref.scene, undefined, 2)}\n`], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = pictureFile(picture);
  link.click();
  // Browsers read the address after this task; a minute is plenty.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
