/** HTML that cannot be injected into: what a template is filled with is escaped, unless it is markup itself. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Filling = string | number | Markup | undefined | readonly (Markup | undefined)[];

/**
 * A piece of HTML; the template's indentation is dropped. Strings and numbers are escaped, for text and for quoted
 * attributes alike; `undefined` is left out.
 */
export function html(template: TemplateStringsArray, ...fillings: readonly Filling[]): Markup {
  const pieces = template.map((piece, i) => fill(fillings[i - 1]) + piece.replace(/\n\s+/g, "\n"));
  return new Markup(pieces.join(""));
}

function fill(filling: Filling): string {
  if (filling === undefined) return "";
  if (filling instanceof Markup) return filling.text;
  if (typeof filling === "object") return filling.map((part) => part?.text ?? "").join("");
  return String(filling)
    .replace(/[<>&"'`]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(CONTROLS, "\ufffd");
}

/** Control characters but tab and line feed: HTML has no way to write most of them. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
