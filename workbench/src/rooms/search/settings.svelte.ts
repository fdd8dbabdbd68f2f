/** How the room searches; kept while other rooms are looked at, and held by links. */
import type { JobParams } from "vitrine/jobs";
import { dotted, type LinkSettings, oneOf, unusual, wholeNumbers } from "../../state/link-settings.js";

export type Similarity = NonNullable<JobParams<"search">["similarity"]>;
export type Combine = NonNullable<JobParams<"search">["combine"]>;

export interface SetPicture {
  readonly id: string;
  readonly name: string;
}

/** Scenes searched while there are no files: as many as the heads are described on, which reads them but once. */
export const SCENES = 500;
export const TOP = 12;
/** Heads beyond it are none of any model. */
const MOST_HEADS = 100_000;

class Settings {
  by = $state<"picture" | "text">("picture");
  /** layer · heads + head; undefined while nobody has chosen. */
  heads = $state.raw<readonly number[] | undefined>(undefined);
  similarity = $state<Similarity>("centred");
  combine = $state<Combine>("each");
  among = $state<"scenes" | "files">("scenes");
  files = $state.raw<readonly SetPicture[]>([]);

  /** Files are not held: they never left the machine. */
  write(): LinkSettings {
    return unusual({
      by: [this.by, "picture"],
      heads: [this.heads && dotted(this.heads)],
      similarity: [this.similarity, "centred"],
      combine: [this.combine, "each"],
    });
  }

  read(link: LinkSettings): void {
    this.by = oneOf(link["by"], ["picture", "text"]) ?? "picture";
    const heads = wholeNumbers(link["heads"], MOST_HEADS);
    this.heads = heads.length > 0 ? heads : undefined;
    this.similarity = oneOf(link["similarity"], ["centred", "cosine", "raw"]) ?? "centred";
    this.combine = oneOf(link["combine"], ["each", "mean"]) ?? "each";
  }
}

export const settings = new Settings();

/** The chosen heads; the first of the last layer while nobody has chosen. */
export function headsOf({ layers, heads }: { readonly layers: number; readonly heads: number }): readonly number[] {
  const known = settings.heads?.filter((cell) => cell < layers * heads) ?? [];
  return known.length > 0 ? known : [(layers - 1) * heads];
}
