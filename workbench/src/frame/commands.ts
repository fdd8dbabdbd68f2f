/** All that the palette can do. */
import type { Verb } from "../room.js";
import { connection } from "../state/backend.svelte.js";
import { currentLink } from "../state/address.svelte.js";
import { ACTIONS, type ActionId, shownKey } from "../state/keys.js";
import { keyboard } from "../state/keyboard.svelte.js";
import { ROOMS } from "../state/rooms.js";
import { COLOUR_MAPS, selection } from "../state/selection.svelte.js";
import { tasks } from "../state/tasks.svelte.js";
import { dialogs } from "./dialogs.svelte.js";

export interface Command {
  readonly id: string;
  readonly title: string;
  /** On the right: a command of the terminal, a key, or what kind of thing it is. */
  readonly hint: string;
  readonly run: () => void;
}

export const isMac = (): boolean => /^Mac|^iP/.test(navigator.platform);

/** The keys of an action as they are printed, with the user's changes. */
export function keysOf(id: ActionId): string[] {
  const action = ACTIONS.find((one) => one.id === id);
  return (keyboard.remapped[id] ?? action?.keys ?? []).map((key) => shownKey(key, isMac()));
}

export function allCommands(): Command[] {
  const rooms = ROOMS.map(({ id, title, summary }) => ({
    id: `room ${id}`,
    title: `${title}: ${summary}`,
    hint: "room",
    run: () => {
      selection.room = id;
    },
  }));
  const verbs = ROOMS.flatMap((room) => room.verbs.map((verb) => verbCommand(room.id, verb)));
  const keys = ACTIONS.filter(({ id }) => id !== "palette" && id !== "clear").map(({ id, title }) => ({
    id: `key ${id}`,
    title,
    hint: keysOf(id)[0] ?? "",
    run: () => {
      // The dialog gives the focus back first.
      setTimeout(() => keyboard.perform(id));
    },
  }));
  return [...rooms, ...verbs, ...keys, ...PAGE];
}

function verbCommand(room: string, { id, command, title, run }: Verb): Command {
  return {
    id: `verb ${id}`,
    title,
    hint: command,
    run: () => {
      selection.room = room;
      run?.(selection);
    },
  };
}

const PAGE: readonly Command[] = [
  {
    id: "link",
    title: "Copy a link to this view",
    hint: "page",
    run: () => void navigator.clipboard.writeText(currentLink()),
  },
  { id: "light", title: "Light theme", hint: "page", run: () => (selection.theme = "light") },
  { id: "dark", title: "Dark theme", hint: "page", run: () => (selection.theme = "dark") },
  { id: "system", title: "Theme as the system has it", hint: "page", run: () => (selection.theme = "system") },
  ...COLOUR_MAPS.map((name) => ({
    id: `colours ${name}`,
    title: `Colours of maps without signs: ${name}`,
    hint: "page",
    run: () => (selection.colourMap = name),
  })),
  {
    id: "next-seed",
    title: "Draw other scenes at random (the next seed)",
    hint: "page",
    run: () => (selection.seed += 1),
  },
  {
    id: "first-seed",
    title: "Draw the first scenes at random again (seed 0)",
    hint: "page",
    run: () => (selection.seed = 0),
  },
  { id: "cancel", title: "Cancel everything that runs", hint: "page", run: tasks.cancelAll.bind(tasks) },
  { id: "restart", title: "Start the model's worker again", hint: "page", run: () => void connection.start() },
];

export function closeThen(run: () => void): void {
  dialogs.close();
  run();
}

/** Those that hold every word that is asked for; titles that begin with the first come first. */
export function search(commands: readonly Command[], asked: string): Command[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  return commands
    .filter(({ title, hint }) => words.every((word) => `${title} ${hint}`.toLowerCase().includes(word)))
    .toSorted((a, b) => rank(a, first) - rank(b, first));
}

function rank({ title, hint }: Command, first: string): number {
  if (first === "") return 0;
  if (title.toLowerCase().startsWith(first) || hint.toLowerCase() === `vitrine ${first}`) return 0;
  return title.toLowerCase().includes(first) ? 1 : 2;
}
