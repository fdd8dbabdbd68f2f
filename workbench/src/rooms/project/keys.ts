/** Drawing by keys. */
import type { PictureEditor } from "./editor.svelte.js";
import { inkOf } from "./ink.js";
import type { settings as Settings } from "./settings.svelte.js";

export const KEYS =
  "Arrows move the brush, with Shift four pixels at a time. Space paints; held down while the brush moves, it draws a line. X changes between drawing and erasing, + and − the size of the brush. Escape lets go of a line, Ctrl+Z undoes.";

const FAR = 4;
const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Pressed = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "repeat">;

/** Does what a key stands for; whether it stood for anything. */
export function pressed(editor: PictureEditor, settings: typeof Settings, event: Pressed): boolean {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { size } = editor.form;
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    const within = (value: number): number => Math.min(size - 0.5, Math.max(0.5, Math.floor(value) + 0.5));
    const step = event.shiftKey ? FAR : 1;
    editor.cursor = { x: within(editor.cursor.x + step * arrow[0]), y: within(editor.cursor.y + step * arrow[1]) };
    editor.pull(editor.cursor);
  } else if (key === " ") {
    if (!event.repeat) editor.press(editor.cursor, (settings.brush * size) / 2, inkOf(settings, editor.form));
  } else if (key === "x" || key === "X") settings.tool = settings.tool === "draw" ? "erase" : "draw";
  else if (key === "+" || key === "=") settings.brush = Math.min(0.5, settings.brush * 1.25);
  else if (key === "-") settings.brush = Math.max(1 / size, settings.brush / 1.25);
  else if (key === "Escape") return editor.cancel();
  else return false;
  return true;
}

/** The brush goes up with the key. */
export function lifted(editor: PictureEditor, { key }: Pick<KeyboardEvent, "key">): void {
  if (key === " ") editor.lift();
}
