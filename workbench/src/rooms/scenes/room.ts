import type { Room } from "../../room.js";
import { commandOf } from "./command.js";

export const room: Room = {
  id: "scenes",
  title: "Scenes",
  summary: "Make a scene whose content is known exactly, and watch what the model makes of it while you drag.",
  icon: "M3 4h14v12H3zM6.500 8.500a1.500 1.500 0 1 1 3 0a1.500 1.500 0 1 1-3 0M12.500 8l2.500 4.500h-5zM3 13.500h5",
  order: 70,
  needs: [],
  load: () => import("./Scenes.svelte"),
  verbs: [{ id: "world scenes", command: "vitrine world scenes", title: "Make a scene and watch the model respond" }],
  cli: commandOf,
};
