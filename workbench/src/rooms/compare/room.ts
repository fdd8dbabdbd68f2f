import type { Room } from "../../room.js";
import { countEdits } from "../../state/edits.js";
import { type Compared, choice } from "./choice.svelte.js";
import { commandOf } from "./command.js";

const turnTo = (what: Compared) => (): void => {
  choice.what = what;
};

export const room: Room = {
  id: "compare",
  title: "Compare",
  summary: "Two pictures, two models, or the model before and after an edit, side by side in one colour scale.",
  icon: "M3 4h6v12H3zM11 4h6v12h-6z",
  order: 70,
  needs: [],
  settings: choice,
  load: () => import("./Compare.svelte"),
  verbs: [
    {
      id: "compare-pictures",
      command: "vitrine decompose A B",
      title: "Compare two pictures",
      run: turnTo("pictures"),
    },
    { id: "compare-models", command: "vitrine decompose --model", title: "Compare two models", run: turnTo("models") },
  ],
  cli: (selection) =>
    commandOf(selection, choice.what ?? (countEdits(selection.edits) > 0 ? "edit" : "pictures"), choice.model),
};
