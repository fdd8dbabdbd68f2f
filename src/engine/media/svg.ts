/** What drawings written as SVG share. */

/** Text as the content of an element or of a quoted attribute. Control characters, which XML cannot hold, become U+FFFD. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** In tenths: finer places are not seen. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
