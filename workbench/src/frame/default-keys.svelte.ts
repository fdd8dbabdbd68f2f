/** What keys do when no room answers to them. */
import { useKeys } from "../state/keyboard.svelte.js";
import { selection } from "../state/selection.svelte.js";
import { contrastWithNext, stepHead, stepLayer } from "../state/units.js";
import { dialogs } from "./dialogs.svelte.js";

/** To be called while the page is set up. */
export function useDefaultKeys(): void {
  useKeys({
    palette: () => dialogs.open("palette"),
    help: () => dialogs.open("help"),
    "go-to": () => dialogs.open("go-to"),
    texts: focusTexts,
    "next-unit": () => did(() => stepHead(selection, 1)),
    "previous-unit": () => did(() => stepHead(selection, -1)),
    "next-layer": () => did(() => stepLayer(selection, 1)),
    "previous-layer": () => did(() => stepLayer(selection, -1)),
    compare: () => did(() => contrastWithNext(selection)),
    pin: () => did(pin),
    export: exportPanel,
    undo: () => did(() => selection.history.undo()),
    redo: () => did(() => selection.history.redo()),
    clear,
  });
}

function did(act: () => void): true {
  act();
  return true;
}

function pin(): void {
  selection.togglePin(selection.patch);
}

/** Of the panel that has the focus, else of the first. */
function exportPanel(): boolean {
  const panel = document.activeElement?.closest(".panel") ?? document.querySelector("main .panel");
  const button = panel?.querySelector<HTMLElement>("[data-opens=export]");
  button?.focus();
  button?.click();
  return button != null;
}

function focusTexts(): boolean {
  document.querySelector<HTMLElement>("#new-text")?.focus();
  return true;
}

/** False when there is nothing to clear, so that Esc still leaves full screen and the like. */
function clear(): boolean {
  if (selection.pinned === undefined && selection.patch === undefined && selection.against === undefined) return false;
  if (selection.pinned === undefined && selection.patch === undefined) selection.against = undefined;
  selection.pinned = undefined;
  selection.patch = undefined;
  return true;
}
