/** The selection as a view that a link can hold, and back. */
import { connection } from "./backend.svelte.js";
import { DEFAULTS, type View } from "./permalink.js";
import { type Picture, pictureKey } from "./picture.js";
import { roomOf } from "./rooms.js";
import { COLOUR_MAPS, type Selection, type Theme } from "./selection.svelte.js";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Reads everything that a link holds: an effect that calls this follows all of it. */
export function viewOf(selection: Selection): View {
  const { pictures, absent, texts } = selection;
  // What the link asked for and is not there yet stays in the address.
  const all = [...pictures, ...absent.map(({ picture }) => picture)];
  const placeOf = (key: string | undefined): number | undefined => {
    const at = all.findIndex(({ ref }) => pictureKey(ref) === key);
    return at < 0 ? undefined : at;
  };
  const role = (name: "picture" | "second"): number | undefined =>
    placeOf(absent.find((one) => one.role === name)?.picture.ref.picture);
  const textAt = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : texts.indexOf(text);
  return {
    room: selection.room,
    model: selection.model,
    digest: selection.opened?.digest,
    version: connection.surroundings?.version,
    seed: selection.seed,
    pictures: all,
    picture: placeOf(selection.pictureId) ?? role("picture"),
    second: placeOf(selection.secondId) ?? role("second"),
    texts,
    text: textAt(selection.text),
    against: textAt(selection.against),
    layer: selection.layer,
    head: selection.head,
    neuron: selection.neuron,
    pinned: selection.pinned,
    colourMap: selection.colourMap,
    theme: selection.theme,
    edits: selection.edits,
    settings: roomOf(selection.room)?.settings?.write() ?? {},
  };
}

/** Shows what a link holds. Files that this page does not have become `absent`. */
export function showView(selection: Selection, view: View): void {
  const keyAt = (index: number | undefined): string | undefined => {
    const picture = index === undefined ? undefined : view.pictures[index];
    return picture && pictureKey(picture.ref);
  };
  const [first, second] = [keyAt(view.picture), keyAt(view.second)];
  const here = view.pictures.filter(isHere);
  const has = (key: string | undefined): boolean => here.some(({ ref }) => pictureKey(ref) === key);

  selection.room = roomOf(view.room)?.id ?? "start";
  // A link that names no model stands at the default of the family that looks.
  if (selection.family === "looks" || view.model !== DEFAULTS.model) selection.model = view.model;
  selection.seed = view.seed;
  selection.pictures = here;
  selection.absent = view.pictures.flatMap(({ ref, name }) => {
    if (!("picture" in ref) || connection.fileOf(ref.picture) !== undefined) return [];
    const role = ref.picture === first ? "picture" : ref.picture === second ? "second" : undefined;
    return [{ picture: { ref, name }, role }];
  });
  selection.pictureId = has(first) ? first : undefined;
  selection.secondId = has(second) ? second : undefined;
  selection.texts = [...new Set(view.texts)];
  selection.text = view.text === undefined ? undefined : view.texts[view.text];
  selection.against = view.against === undefined ? undefined : view.texts[view.against];
  selection.layer = view.layer;
  selection.head = view.head;
  selection.neuron = view.neuron;
  selection.patch = undefined;
  selection.pinned = view.pinned;
  selection.colourMap = COLOUR_MAPS.find((name) => name === view.colourMap) ?? "viridis";
  selection.theme = THEMES.find((name) => name === view.theme) ?? "system";
  selection.resetEdits(view.edits);
  roomOf(view.room)?.settings?.read(view.settings);
}

function isHere({ ref }: Picture): boolean {
  return !("picture" in ref) || connection.fileOf(ref.picture) !== undefined;
}
