/** The editors of this page, one for each model. */
import { PictureEditor } from "./editor.svelte.js";
import type { Form } from "./paint.js";

const editors = new Map<string, PictureEditor>();

/** `taken`: the picture above, which is not taken up by a new editor. */
export function editorOf(ref: string, digest: string, form: Form, taken: string | undefined): PictureEditor {
  const key = `${ref} ${digest}`;
  const known = editors.get(key) ?? new PictureEditor(form, taken);
  editors.set(key, known);
  return known;
}
