import type { Room } from "../../room.js";
import { commandLine } from "../../state/command-line.js";

export const room: Room = {
  id: "heads",
  title: "Heads",
  summary: "What each attention head adds to the answer, where in the picture it found it, and what it speaks of.",
  icon: "M3 3.500h3.500v3.500H3zM8.250 3.500h3.500v3.500h-3.500zM13.500 3.500H17v3.500h-3.500zM3 8.250h3.500v3.500H3zM8.250 8.250h3.500v3.500h-3.500zM13.500 8.250H17v3.500h-3.500zM3 13h3.500v3.500H3zM8.250 13h3.500v3.500h-3.500zM13.500 13H17v3.500h-3.500z",
  order: 10,
  needs: [],
  load: () => import("./Heads.svelte"),
  verbs: [
    { id: "decompose", command: "vitrine decompose", title: "Take the picture apart, head by head" },
    { id: "heads", command: "vitrine heads", title: "Describe the heads in words" },
  ],
  cli: ({ model, picture, texts }) =>
    commandLine([
      "vitrine",
      "decompose",
      picture?.name ?? "IMAGE",
      ...texts.flatMap((text) => ["--text", text]),
      "--model",
      model,
    ]),
};
