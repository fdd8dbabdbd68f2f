import type { Room } from "../../room.js";
import { commandOf } from "./command.js";
import { settings } from "./settings.svelte.js";

export const room: Room = {
  id: "captions",
  title: "Captions",
  summary: "What a model says of a picture, what of that it sees in it, and what it says with words erased.",
  icon: "M3 4h14v10H9l-4 3v-3H3zM6 7.500h8M6 10.500h5",
  order: 55,
  needs: [],
  settings,
  describes: true,
  load: () => import("./Captions.svelte"),
  verbs: [{ id: "caption", command: "vitrine caption", title: "Describe the picture, and doubt it" }],
  cli: commandOf,
};
