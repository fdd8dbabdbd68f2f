import type { Room } from "../../room.js";
import { commandOf } from "./command.js";
import { settings } from "./settings.svelte.js";

export const room: Room = {
  id: "search",
  title: "Search",
  summary: "Pictures of which chosen heads say the same as of this picture, or what a text says.",
  icon: "M8.500 3a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11M12.500 12.500L17 17M6 8.500h5M8.500 6v5",
  order: 30,
  needs: [],
  settings,
  load: () => import("./Search.svelte"),
  verbs: [{ id: "retrieve", command: "vitrine retrieve", title: "Find pictures by what heads say" }],
  cli: commandOf,
};
