/** The keyboard map: every key that the page answers to. */

export type ActionId =
  | "palette"
  | "texts"
  | "next-unit"
  | "previous-unit"
  | "next-layer"
  | "previous-layer"
  | "go-to"
  | "compare"
  | "pin"
  | "export"
  | "undo"
  | "redo"
  | "help"
  | "clear";

export interface Action {
  readonly id: ActionId;
  readonly title: string;
  /** As {@link keyOf} names them. */
  readonly keys: readonly string[];
}

/** Mod is Ctrl, or Command on a Mac. */
export const ACTIONS: readonly Action[] = [
  { id: "palette", title: "Find a room or a command", keys: ["Mod+K"] },
  { id: "texts", title: "Add a text", keys: ["/"] },
  { id: "next-unit", title: "Next head or neuron", keys: ["j", "ArrowRight"] },
  { id: "previous-unit", title: "Previous head or neuron", keys: ["k", "ArrowLeft"] },
  { id: "previous-layer", title: "Layer below", keys: ["["] },
  { id: "next-layer", title: "Layer above", keys: ["]"] },
  { id: "go-to", title: "Go to a head or neuron by its number", keys: ["g"] },
  { id: "compare", title: "Contrast with the next text, or with none", keys: ["c"] },
  { id: "pin", title: "Pin the patch pointed at", keys: ["p"] },
  { id: "export", title: "Export the panel", keys: ["e"] },
  { id: "undo", title: "Undo an edit of the model", keys: ["Mod+Z"] },
  { id: "redo", title: "Redo an edit of the model", keys: ["Mod+Shift+Z", "Mod+Y"] },
  { id: "help", title: "Show the keys", keys: ["?"] },
  { id: "clear", title: "Let go of what is pinned", keys: ["Escape"] },
];

export type KeyMap = ReadonlyMap<string, ActionId>;
/** What a user changed: the keys of some actions. */
export type Remapped = Partial<Record<ActionId, readonly string[]>>;

export function keyMap(remapped: Remapped): KeyMap {
  return new Map(ACTIONS.flatMap(({ id, keys }) => (remapped[id] ?? keys).map((key) => [key, id] as const)));
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** A key with its modifiers: "j", "?", "Mod+Shift+Z". Undefined for modifiers by themselves and for keys pressed with Alt. */
export function keyOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Pressed): string | undefined {
  if (["Control", "Meta", "Alt", "AltGraph", "Shift", "Dead", "Process"].includes(key)) return undefined;
  if (ctrlKey || metaKey) {
    if (altKey) return undefined;
    return `Mod+${shiftKey ? "Shift+" : ""}${key.length === 1 ? key.toUpperCase() : key}`;
  }
  // AltGr makes characters on many keyboards, such as [ and ]; named keys with Alt are the browser's.
  if (altKey && key.length > 1) return undefined;
  return shiftKey && key.length > 1 ? `Shift+${key}` : key;
}

/** Keys that browsers answer to: nothing may be mapped to them. */
const BROWSERS =
  /^(?:Mod\+(?:Shift\+)?[NTWRLDFPSHJOUQACVX0-9=+-]|(?:Shift\+)?(?:Tab|Enter|F\d+|Home|End|Page(?:Up|Down))| )$/;

export function isBrowsers(key: string): boolean {
  return BROWSERS.test(key);
}

/** A key as it is printed. */
export function shownKey(key: string, mac: boolean): string {
  return key
    .replace("Mod+", mac ? "⌘" : "Ctrl+")
    .replace("Shift+", mac ? "⇧" : "Shift+")
    .replace("ArrowRight", "→")
    .replace("ArrowLeft", "←")
    .replace("Escape", "Esc");
}
