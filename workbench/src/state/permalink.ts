/**
 * A whole view as the address's fragment: `#heads?v=1&model=…`.
 *
 * @file What is at its default is left out. A link stays below {@link LINK_LIMIT} bytes; what does not fit is left out, and the link
 * says so. Scenes are written wholly and restored to the same pixels; of files there is only their hash.
 */
import { type Edits, NO_EDITS } from "./edits.js";
import { readEdits, writeEdits } from "./permalink-edits.js";
import { Damage, readPicture, writePicture } from "./permalink-pictures.js";
import type { Picture } from "./picture.js";

/** Raised when a link's parts change their meaning. Links of older schemas are still read. */
export const SCHEMA = 1;
/** Bytes, with the hash sign. */
export const LINK_LIMIT = 2000;
/** Longer addresses are not looked at. */
const READ_LIMIT = 20_000;
/** Hexadecimal digits of the model's digest. */
const DIGEST = 16;
const NAME_LENGTH = 48;

/** A view as data. Pictures and texts are named by their place in the lists. */
export interface View {
  readonly room: string;
  readonly model: string;
  /** The first digits of the weights' SHA-256. */
  readonly digest: string | undefined;
  /** Of the library. */
  readonly version: string | undefined;
  readonly seed: number;
  readonly pictures: readonly Picture[];
  readonly picture: number | undefined;
  readonly second: number | undefined;
  readonly texts: readonly string[];
  readonly text: number | undefined;
  readonly against: number | undefined;
  readonly layer: number;
  readonly head: number;
  readonly neuron: number;
  readonly pinned: number | undefined;
  readonly colourMap: string;
  readonly theme: string;
  readonly edits: Edits;
  /** What is set in the room alone, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Before the names of a room's own settings. */
const OWN = "r.";

export type LeftOut = "pictures" | "texts" | "edits";

export type ReadLink =
  | { readonly kind: "none" }
  | { readonly kind: "view"; readonly view: View; readonly leftOut: readonly LeftOut[] }
  | { readonly kind: "newer"; readonly schema: number; readonly version: string | undefined }
  | { readonly kind: "damaged"; readonly why: string };

export const DEFAULTS = { room: "start", model: "clip-scenes", colourMap: "viridis", theme: "system" } as const;

/** The link to a view, and what it does not hold. */
export function writeLink(view: View): { readonly hash: string; readonly leftOut: readonly LeftOut[] } {
  let reduced = view;
  const leftOut: LeftOut[] = [];
  let hash = write(reduced, leftOut);
  for (const [part, reduce] of REDUCTIONS) {
    if (hash.length <= LINK_LIMIT) break;
    reduced = reduce(reduced);
    if (!leftOut.includes(part)) leftOut.push(part);
    hash = write(reduced, leftOut);
  }
  return { hash, leftOut };
}

/** From what matters least. */
const REDUCTIONS: readonly (readonly [LeftOut, (view: View) => View])[] = [
  [
    "pictures",
    (view) => ({ ...view, ...pick(view.pictures, view.picture, view.second, "pictures", "picture", "second") }),
  ],
  ["texts", (view) => ({ ...view, ...pick(view.texts, view.text, view.against, "texts", "text", "against") })],
  [
    "pictures",
    (view) => ({ ...view, ...pick(view.pictures, view.picture, undefined, "pictures", "picture", "second") }),
  ],
  ["texts", (view) => ({ ...view, texts: [], text: undefined, against: undefined })],
  ["edits", (view) => ({ ...view, edits: NO_EDITS })],
];

function pick(
  list: readonly unknown[],
  first: number | undefined,
  second: number | undefined,
  ...[listName, firstName, secondName]: [string, string, string]
): Partial<View> {
  const kept = [first, second].filter((index) => index !== undefined);
  const place = (index: number | undefined): number | undefined =>
    index === undefined ? undefined : kept.indexOf(index);
  return { [listName]: kept.map((index) => list[index]), [firstName]: place(first), [secondName]: place(second) };
}

function write(view: View, leftOut: readonly LeftOut[]): string {
  const query = new URLSearchParams({ v: String(SCHEMA) });
  const put = (name: string, value: string | number | undefined, usual?: string | number): void => {
    if (value !== undefined && value !== usual) query.append(name, String(value));
  };
  put("lib", view.version);
  put("model", view.model);
  put("digest", view.digest?.slice(0, DIGEST));
  put("seed", view.seed, 0);
  for (const { ref, name } of view.pictures) {
    query.append("p", writePicture(ref));
    query.append("n", name.slice(0, NAME_LENGTH));
  }
  put("picture", view.picture);
  put("second", view.second);
  for (const text of view.texts) query.append("t", text);
  put("text", view.text);
  put("against", view.against);
  put("layer", view.layer, 0);
  put("head", view.head, 0);
  put("neuron", view.neuron, 0);
  put("pin", view.pinned);
  put("map", view.colourMap, DEFAULTS.colourMap);
  put("theme", view.theme, DEFAULTS.theme);
  put("edits", writeEdits(view.edits), "");
  for (const [name, value] of Object.entries(view.settings)) put(OWN + name, value);
  put("without", leftOut.join("."), "");
  return `#${view.room}?${query.toString()}`;
}

/** Reads an address's fragment. Never throws. */
export function readLink(hash: string): ReadLink {
  const [room = "", ...rest] = hash.replace(/^#/, "").split("?");
  if (room === "" && rest.length === 0) return { kind: "none" };
  if (hash.length > READ_LIMIT) return { kind: "damaged", why: `it is longer than ${READ_LIMIT} characters` };
  const query = new URLSearchParams(rest.join("?"));
  try {
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(room)) throw new Damage("the room's name cannot be read");
    const schema = count(query, "v") ?? SCHEMA;
    const version = query.get("lib") ?? undefined;
    if (schema > SCHEMA) return { kind: "newer", schema, version };
    const leftOut = (query.get("without") ?? "").split(".").filter(isPart);
    return { kind: "view", view: read(room, query, version), leftOut };
  } catch (error) {
    if (error instanceof Damage) return { kind: "damaged", why: error.message };
    throw error;
  }
}

function read(room: string, query: URLSearchParams, version: string | undefined): View {
  const names = query.getAll("n");
  const pictures = query
    .getAll("p")
    .map((text, i) => ({ ref: readPicture(text), name: names[i] ?? `picture ${i + 1}` }));
  const texts = query.getAll("t");
  const digest = query.get("digest") ?? undefined;
  if (digest !== undefined && !/^[0-9a-f]{1,64}$/.test(digest)) throw new Damage("the model's digest cannot be read");
  return {
    room,
    model: query.get("model") ?? DEFAULTS.model,
    digest,
    version,
    seed: count(query, "seed") ?? 0,
    pictures,
    picture: place(query, "picture", pictures),
    second: place(query, "second", pictures),
    texts,
    text: place(query, "text", texts),
    against: place(query, "against", texts),
    layer: count(query, "layer") ?? 0,
    head: count(query, "head") ?? 0,
    neuron: count(query, "neuron") ?? 0,
    pinned: count(query, "pin"),
    colourMap: query.get("map") ?? DEFAULTS.colourMap,
    theme: query.get("theme") ?? DEFAULTS.theme,
    edits: readEdits(query.get("edits") ?? ""),
    settings: Object.fromEntries(
      [...query].flatMap(([name, value]) => (name.startsWith(OWN) ? [[name.slice(OWN.length), value]] : [])),
    ),
  };
}

function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new Damage(`“${name}” is no whole number`);
  return value;
}

function place(query: URLSearchParams, name: string, list: readonly unknown[]): number | undefined {
  const index = count(query, name);
  if (index !== undefined && index >= list.length) throw new Damage(`“${name}” points past the end of its list`);
  return index;
}

function isPart(text: string): text is LeftOut {
  return text === "pictures" || text === "texts" || text === "edits";
}
