/** The rooms that there are: every folder below `rooms/`. */
import type { Room } from "../room.js";
import type { Family } from "./selection.svelte.js";

const found = import.meta.glob<{ readonly room: Room }>("../rooms/*/room.ts", { eager: true });

export const ROOMS: readonly Room[] = Object.values(found)
  .map(({ room }) => room)
  .sort((a, b) => a.order - b.order);

export function roomOf(id: string): Room | undefined {
  return ROOMS.find((room) => room.id === id);
}

export const familyOf = (id: string): Family => (roomOf(id)?.makes ? "makes" : "looks");
