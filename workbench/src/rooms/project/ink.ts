import { paperOf } from "./editor.svelte.js";
import type { Form } from "./paint.js";
import type { settings } from "./settings.svelte.js";

/** [C]: levels that the brush leaves. */
export function inkOf({ tool, ink, colour }: typeof settings, form: Form, erases = false): number[] {
  if (erases || tool === "erase") return Array.from({ length: form.channels }, () => paperOf(form));
  if (form.channels === 1) return [Math.round(255 * ink)];
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
