/** Pictures as the page knows them. */
import type { PictureRef } from "vitrine/jobs";

export interface Picture {
  readonly ref: PictureRef;
  /** For people: the name of the file or sample. */
  readonly name: string;
}

type Scene = Extract<PictureRef, { scene: unknown }>["scene"];

export type { PictureRef, Scene };

/** The same for the same picture, whatever its name. */
export function pictureKey(ref: PictureRef): string {
  return "picture" in ref ? ref.picture : JSON.stringify(ref.scene, inOneOrder);
}

/** A scene from a link or a file says the same in another order. */
function inOneOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
