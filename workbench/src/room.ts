/**
 * What a room is. A folder `rooms/NAME/` whose `room.ts` exports `room: Room` is a room: nothing else need be told of it
 * (docs/workbench.md, Adding a room).
 */
import type { Component } from "svelte";
import type { LinkSettings } from "./state/link-settings.js";
import type { Selection } from "./state/selection.svelte.js";

/** What must be chosen before a room can show anything. The frame asks for what is missing. */
export type Need = "picture" | "two-pictures" | "text" | "two-texts";

/** Something that can be done, under the name of the command that does it in a terminal. */
export interface Verb {
  /** Unique among the rooms' verbs. */
  readonly id: string;
  /** As it is typed: "vitrine decompose". The palette finds it by that. */
  readonly command: string;
  /** What it does, for people: "Take the picture apart". */
  readonly title: string;
  /** Done after its room is open. Left out where opening the room is all. */
  readonly run?: (selection: Selection) => void;
}

export interface RoomSettings {
  write(): LinkSettings;
  /** Of a link that was opened; what cannot be read is as if it were not there. */
  read(link: LinkSettings): void;
}

export interface Room {
  /** As in the address: "heads". */
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  /** Path data of a 20 × 20 outline icon. */
  readonly icon: string;
  /** Where it stands among the rooms, from small to large. */
  readonly order: number;
  readonly needs: readonly Need[];
  readonly load: () => Promise<{ readonly default: Component }>;
  readonly verbs: readonly Verb[];
  /** Whether it takes models that describe pictures as such; the others look into their vision towers. */
  readonly describes?: true;
  /** Whether it takes models that make pictures, and no others. The choice of one is kept apart from that of a model that looks. */
  readonly makes?: true;
  /** What is set in the room, for links. */
  readonly settings?: RoomSettings;
  /** What to type in a terminal to get what the room shows now. */
  readonly cli: (selection: Selection) => string;
}
