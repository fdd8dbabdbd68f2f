/** What pages of results have in common: one file, without scripts, that loads nothing. */
import { createHash } from "node:crypto";
import { html, Markup } from "./markup.js";
import { STYLE } from "./style.js";

export interface PageParts {
  readonly title: Markup;
  readonly lead: string;
  /** What the model's answers are not worth. */
  readonly caveat: string | undefined;
  readonly body: Markup;
  /** Name and value of what the results depend on. */
  readonly facts: Readonly<Record<string, string>>;
  /** Added to the report's style sheet. */
  readonly style?: string;
}

export function pageFrame({ title, lead, caveat, body, facts, style = "" }: PageParts): string {
  // Its content is hashed: not a blank may be added to it.
  const sheet = `${STYLE}${style}`;
  const hash = `sha256-${createHash("sha256").update(sheet).digest("base64")}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src '${hash}'; base-uri 'none'; form-action 'none'"
        />
        <title>${title.text.replace(/<[^>]*>/g, "")}</title>
        ${new Markup(`<style>${sheet}</style>`)}
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p class="lead">${lead}</p>
          ${caveat === undefined ? undefined : html`<p class="notice">${caveat}</p>`}
        </header>
        <main>${body}</main>
        <footer>
          <dl>
            ${Object.entries(facts).map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd>${value}</dd>`,
            )}
          </dl>
        </footer>
      </body>
    </html> `.text;
}
