/** Who answers to keys, and the user's changes of the map. */
import { type ActionId, isBrowsers, keyMap, keyOf, type Remapped } from "./keys.js";

const STORED = "vitrine.keys";

/** Gives false to leave the key to whoever was there before. */
export type Handler = () => boolean | undefined;

/** Where keys mean something already: typing, and arrows within these. */
const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
const OWN_ARROWS =
  "[role=grid], [role=listbox], [role=radiogroup], [role=tablist], [role=slider], [role=menu], [role=application], [role=tree]";

class Keyboard {
  remapped = $state.raw<Remapped>({});
  /** Keys without Ctrl can be turned off, for people who speak to their machine. */
  singleKeys = $state(true);
  readonly map = $derived(keyMap(this.remapped));
  readonly #handlers = new Map<ActionId, Handler[]>();

  constructor() {
    try {
      const stored = JSON.parse(localStorage.getItem(STORED) ?? "{}") as { keys?: Remapped; single?: boolean };
      this.remapped = stored.keys ?? {};
      this.singleKeys = stored.single ?? true;
    } catch {
      // Storage is turned off or holds something else: the map is as it comes.
    }
  }

  remap(id: ActionId, keys: readonly string[] | undefined): void {
    const others = Object.entries(this.remapped).filter(([name]) => name !== id);
    this.remapped = Object.fromEntries(keys === undefined ? others : [...others, [id, keys]]);
    this.#store();
  }

  allowSingleKeys(allowed: boolean): void {
    this.singleKeys = allowed;
    this.#store();
  }

  /** The latest handler is asked first. The result takes it away again. */
  on(id: ActionId, handler: Handler): () => void {
    const list = this.#handlers.get(id) ?? [];
    list.push(handler);
    this.#handlers.set(id, list);
    return () => {
      this.#handlers.set(
        id,
        (this.#handlers.get(id) ?? []).filter((one) => one !== handler),
      );
    };
  }

  /** Whether someone did it. */
  perform(id: ActionId): boolean {
    const handlers = this.#handlers.get(id) ?? [];
    return handlers.toReversed().some((handler) => handler() !== false);
  }

  press(event: KeyboardEvent): void {
    const key = event.defaultPrevented || event.isComposing ? undefined : keyOf(event);
    if (key === undefined || isBrowsers(key)) return;
    const id = this.map.get(key);
    if (id === undefined || !this.#isFree(key, event.target)) return;
    if (this.perform(id)) event.preventDefault();
  }

  #isFree(key: string, target: EventTarget | null): boolean {
    if (key === "Mod+K") return true;
    if (!key.startsWith("Mod+") && key !== "Escape" && !this.singleKeys) return false;
    if (!(target instanceof Element)) return true;
    // A dialog answers to its own keys.
    if (target.closest("dialog, [popover]") !== null || target.closest(TYPING) !== null) return false;
    return !key.startsWith("Arrow") || target.closest(OWN_ARROWS) === null;
  }

  #store(): void {
    try {
      localStorage.setItem(STORED, JSON.stringify({ keys: this.remapped, single: this.singleKeys }));
    } catch {
      // Lost when the page is closed; nothing else depends on it.
    }
  }
}

export const keyboard = new Keyboard();

/** Answers to actions for as long as the component lives that calls it. */
export function useKeys(handlers: Partial<Record<ActionId, Handler>>): void {
  $effect(() => {
    const offs = Object.entries(handlers).map(([id, handler]) => keyboard.on(id as ActionId, handler));
    return () => {
      for (const off of offs) off();
    };
  });
}
