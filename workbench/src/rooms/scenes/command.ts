import { commandLine } from "../../state/command-line.js";
import type { Selection } from "../../state/selection.svelte.js";
import { editor } from "./editor.svelte.js";
import { sceneName } from "./names.js";

/** The same numbers from a terminal, of the scene as it is saved. */
export function commandOf({ model, texts }: Selection): string {
  const asked = texts.flatMap((text) => ["--text", text]);
  return commandLine(["vitrine", "decompose", `${sceneName(editor.scene)}.json`, ...asked, "--model", model]);
}
