import type { TemplateSet } from "../../methods/decompose/templates.js";
import type { PatchGrid } from "../../methods/patching/patch-grid.js";
import type { RankedCell, Recovery } from "../../methods/patching/recovery.js";
import type { Clip } from "../../models/clip/clip.js";
import type { NamedPictures } from "./pictures.js";

/** One run of `vitrine patch`: what was asked and what was found. */
export interface PatchRun {
  readonly clip: Clip;
  /** What the checkpoint says that its words are not worth. */
  readonly caveat: string | undefined;
  /** What scores are of: the cosine with the text, less the mean of those with the others. */
  readonly question: { readonly text: string; readonly against: readonly string[] };
  readonly templates: TemplateSet;
  readonly pictures: NamedPictures;
  readonly grid: PatchGrid;
  readonly effects: Recovery;
  readonly ranked: readonly RankedCell[];
  readonly seconds: number;
}

/** Such as “a cat” against “a dog”. */
export function inWords({ text, against }: PatchRun["question"]): string {
  const others = against.map((one) => `“${one}”`).join(", ");
  return others === "" ? `“${text}”` : `“${text}” against ${others}`;
}

/** As the title of what was found. */
export function titleOf({ text, against }: PatchRun["question"]): string {
  if (against.length === 0) return `What carries “${text}” from one picture to the other`;
  return `Where “${text}” and ${against.map((one) => `“${one}”`).join(", ")} are told apart`;
}
