import { prefixMatch } from "./prefix-match.js";
import type { NamedToken } from "./special-tokens.js";

export type Section = string | NamedToken;

/**
 * Cuts texts at special tokens: the first section is text, then a token and a text follow in turn; texts may be empty. The longest
 * token that begins at a place counts, and some take the spaces beside them.
 */
export function sectionCutter(named: ReadonlyMap<string, NamedToken>): (text: string) => Section[] {
  const special = prefixMatch(named.keys());
  return (text) => {
    const sections: Section[] = [];
    let from = 0;
    for (let at = 0; at < text.length;) {
      const found = special(text, at);
      if (found === undefined) {
        at++;
        continue;
      }
      sections.push(text.slice(from, at), named.get(found)!);
      at += found.length;
      from = at;
    }
    sections.push(text.slice(from));
    return sections.map((section, i) =>
      typeof section === "string" ? stripped(section, sections[i - 1], sections[i + 1]) : section,
    );
  };
}

function stripped(text: string, before: Section | undefined, after: Section | undefined): string {
  const left = typeof before === "object" && before.rstrip === true ? text.trimStart() : text;
  return typeof after === "object" && after.lstrip === true ? left.trimEnd() : left;
}
