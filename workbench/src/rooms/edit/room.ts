import type { Room } from "../../room.js";
import { commandLine, pictureFile } from "../../state/command-line.js";
import { editWords } from "../../state/edit-words.js";

export const room: Room = {
  id: "edit",
  title: "Edit",
  summary: "Switch heads, layers, MLPs and neurons off, or hold them at their mean, and see what the model then says.",
  icon: "M3 5.500h14M3 10h14M3 14.500h14M7 3.500v4M13 8v4M6 12.500v4",
  order: 60,
  needs: [],
  load: () => import("./Edit.svelte"),
  verbs: [
    { id: "decompose-edited", command: "vitrine decompose --off", title: "Switch parts of the model off" },
    { id: "patch", command: "vitrine patch", title: "Put heads of one picture into another" },
  ],
  cli: ({ model, picture, texts, edits }) =>
    commandLine([
      "vitrine",
      "decompose",
      picture ? pictureFile(picture) : "IMAGE",
      ...texts.flatMap((text) => ["--text", text]),
      ...editWords(edits),
      "--model",
      model,
    ]),
};
