import type { Room } from "../../room.js";
import type { LinkSettings } from "../../state/link-settings.js";
import { Damage, readPicture, writePicture } from "../../state/permalink-pictures.js";
import type { Scene } from "../../state/picture.js";
import { selection } from "../../state/selection.svelte.js";
import { commandOf } from "./command.js";
import { editor } from "./editor.svelte.js";

/** Undefined for what is no scene. */
function sceneOf(text: string): Scene | undefined {
  try {
    const ref = readPicture(text);
    return "scene" in ref ? ref.scene : undefined;
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

export const room: Room = {
  id: "scenes",
  title: "Scenes",
  summary: "Make a scene whose content is known exactly, and watch what the model makes of it while you drag.",
  icon: "M3 4h14v12H3zM6.500 8.500a1.500 1.500 0 1 1 3 0a1.500 1.500 0 1 1-3 0M12.500 8l2.500 4.500h-5zM3 13.500h5",
  order: 70,
  needs: [],
  // The scene in the making, which need not be among the pictures above.
  settings: {
    write: (): LinkSettings => (editor.begun ? { scene: writePicture({ scene: editor.scene }) } : {}),
    read: ({ scene }) => {
      const found = scene === undefined ? undefined : sceneOf(scene);
      if (found === undefined) return;
      editor.open(found);
      // The picture that the link looks at is not to take its place.
      editor.taken = selection.pictureId;
    },
  },
  load: () => import("./Scenes.svelte"),
  verbs: [{ id: "world scenes", command: "vitrine world scenes", title: "Make a scene and watch the model respond" }],
  cli: commandOf,
};
