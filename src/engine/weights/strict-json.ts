/** @file JSON without the two things `JSON.parse` lets through: repeated keys and unbounded nesting. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export class StrictJsonProblem extends Error {
  constructor(
    readonly kind: "syntax" | "depth" | "duplicate",
    message: string,
  ) {
    super(message);
  }
}

/**
 * Parses `text`. Own keys only: a key `__proto__` becomes an own property, as `JSON.parse` defines it.
 * Time is linear in the text. Throws {@link StrictJsonProblem}.
 */
export function parseStrictJson(text: string, maxDepth: number): Json {
  checkDepth(text, maxDepth);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new StrictJsonProblem("syntax", (cause as Error).message);
  }
  checkKeys(text);
  return value;
}

export function isJsonObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Runs before parsing, so that no parser ever recurses into a bomb. */
function checkDepth(text: string, maxDepth: number): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (++depth > maxDepth) throw new StrictJsonProblem("depth", `more than ${maxDepth} levels of nesting`);
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
  }
}

/** Runs on text known to be JSON: a string right after `{`, or after `,` inside an object, is a key. */
function checkKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      open.push(c === OPEN_BRACE ? new Set() : undefined);
      keyNext = c === OPEN_BRACE;
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      open.pop();
    } else if (c === COMMA) {
      keyNext = open.at(-1) !== undefined;
    } else if (c === QUOTE) {
      const end = endOfString(text, i);
      if (keyNext) addKey(open.at(-1), JSON.parse(text.slice(i, end + 1)) as string);
      keyNext = false;
      i = end;
    }
  }
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw new StrictJsonProblem("duplicate", key);
  keys?.add(key);
}

/** Index of the closing quote of the string that opens at `start`, or of the end of the text. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
