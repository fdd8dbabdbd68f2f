import type { Room } from "../../room.js";

export const room: Room = {
  id: "start",
  title: "Start",
  summary: "Choose a picture and what to ask about it.",
  icon: "M3 9.500L10 3.500l7 6M5 8.500V16.500h3.500v-4.500h3v4.500H15V8.500",
  order: 0,
  needs: [],
  load: () => import("./Start.svelte"),
  verbs: [],
  cli: () => "vitrine --help",
};
