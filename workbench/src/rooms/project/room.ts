import type { Room } from "../../room.js";
import { commandOf } from "./command.js";
import { settings } from "./settings.svelte.js";

export const room: Room = {
  id: "project",
  title: "Project",
  summary:
    "Draw, damage or drop a picture, and see it brought back to what a generator knows; or let it make pictures.",
  icon: "M3.500 3.500h7v7h-7zM9.500 13.500v3h7v-7h-3M12.500 6h4M14.500 4l2 2l-2 2",
  order: 60,
  needs: [],
  makes: true,
  settings,
  load: () => import("./Project.svelte"),
  verbs: [
    { id: "project", command: "vitrine project", title: "Bring a picture to what a generator knows" },
    { id: "sample", command: "vitrine sample", title: "Make pictures out of noise" },
  ],
  cli: commandOf,
};
