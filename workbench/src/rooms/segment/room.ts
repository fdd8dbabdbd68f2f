import type { Room } from "../../room.js";
import { commandOf } from "./command.js";
import { settings } from "./settings.svelte.js";

export const room: Room = {
  id: "segment",
  title: "Segment",
  summary: "Which pixels speak for a text: heat of patches, a mask made of it, and how well it fits.",
  icon: "M3 3.500h5M12 3.500h5M3 16.500h5M12 16.500h5M3 3.500v5M3 11.500v5M17 3.500v5M17 11.500v5M10 6.500c2.500 0 4 1.500 4 3.500s-1.500 3.500-4 3.500-4-1-4-3.500 1.500-3.500 4-3.500",
  order: 50,
  needs: [],
  settings,
  load: () => import("./Segment.svelte"),
  verbs: [{ id: "segment", command: "vitrine segment", title: "Cut out what speaks for a text" }],
  cli: commandOf,
};
