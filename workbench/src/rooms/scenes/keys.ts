/** What keys do to the chosen object. */
import type { Scene } from "vitrine/scenes";
import { flipped, placed, scaled, turned } from "./changes.js";
import type { SceneEditor } from "./editor.svelte.js";

const STEP = 0.02;
const FAR = 0.1;
const TURN = Math.PI / 12;

/** For the help line. */
export const KEYS =
  "Arrows move it (with Shift further), + and − resize, comma and full stop turn, F flips, Page Up and Page Down bring it forward and back, D doubles it, Delete removes it. N chooses the next object, A adds one.";

type Pressed = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** Does what a key stands for; whether it stood for anything. */
export function pressed(editor: SceneEditor, key: Pressed): boolean {
  if (key.ctrlKey || key.metaKey) return undone(editor, key);
  if (key.altKey) return false;
  const { scene, selected: at } = editor;
  const { length } = scene.objects;
  if (key.key === "a") editor.add();
  else if (key.key === "n" && length > 0) editor.selected = at === undefined ? 0 : (at + 1) % length;
  else if (key.key === "Escape") {
    if (!editor.moving) return false;
    editor.cancel();
  } else if (at === undefined) return false;
  else {
    const next = nudged(scene, at, key);
    if (next !== undefined) editor.nudge(next);
    else return changed(editor, at, key.key);
  }
  return true;
}

function undone(editor: SceneEditor, { key, shiftKey }: Pressed): boolean {
  const name = key.toLowerCase();
  if (name === "y" || (name === "z" && shiftKey)) editor.redo();
  else if (name === "z") editor.undo();
  else return false;
  return true;
}

/** Keys that are pressed again and again. */
function nudged(scene: Scene, at: number, { key, shiftKey }: Pressed): Scene | undefined {
  const { x, y, scale, rotation } = scene.objects[at]!;
  const step = shiftKey ? FAR : STEP;
  switch (key) {
    case "ArrowLeft":
      return placed(scene, at, x - step, y);
    case "ArrowRight":
      return placed(scene, at, x + step, y);
    case "ArrowUp":
      return placed(scene, at, x, y - step);
    case "ArrowDown":
      return placed(scene, at, x, y + step);
    case "+":
    case "=":
      return scaled(scene, at, scale * 1.08);
    case "-":
      return scaled(scene, at, scale / 1.08);
    case ",":
      return turned(scene, at, rotation - TURN);
    case ".":
      return turned(scene, at, rotation + TURN);
    default:
      return undefined;
  }
}

function changed(editor: SceneEditor, at: number, key: string): boolean {
  switch (key) {
    case "f":
      editor.change(flipped(editor.scene, at));
      return true;
    case "d":
      editor.double(at);
      return true;
    case "PageUp":
      editor.reorder(at, 1);
      return true;
    case "PageDown":
      editor.reorder(at, -1);
      return true;
    case "Delete":
    case "Backspace":
      editor.remove(at);
      return true;
    default:
      return false;
  }
}
