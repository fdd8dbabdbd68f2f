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
  return "picture" in ref ? ref.picture : JSON.stringify(ref.scene);
}
