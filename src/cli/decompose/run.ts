/** One run of `vitrine decompose`: what it is about, and how its results came about. */
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import type { TemplateSet } from "../../methods/decompose/templates.js";
import type { Clip } from "../../models/clip/clip.js";
import type { Preprocessing } from "../../models/clip/preprocess.js";
import type { ModelOptions } from "../commands/model-options.js";
import { type CommandProvenance, commandProvenance } from "../provenance.js";
import { printable } from "../terminal-text.js";

export interface DecomposeCommandOptions extends ModelOptions {
  readonly text?: readonly string[];
  readonly like?: readonly string[];
  readonly templates: TemplateSet;
  readonly out?: string;
  readonly pixels?: string;
  readonly full?: true;
  readonly batch: number;
  readonly top: number;
  readonly frame?: number;
  readonly force?: true;
  /** Parts of the model to switch off, and to hold at their means, by name. */
  readonly off?: readonly string[];
  readonly mean?: readonly string[];
}

export interface Run {
  readonly clip: Clip;
  /** Of the pictures. */
  readonly names: readonly string[];
  /** What pictures are compared with, in words: texts, other pictures' names, {@link OWN}. */
  readonly texts: readonly string[];
  readonly templates: TemplateSet;
  /** Unit directions [T,D] of the texts, or "own"; absent without texts. */
  readonly directions: FloatTensor | "own" | undefined;
  readonly full: boolean;
  /** Heads listed per text. */
  readonly top: number;
  /** What the checkpoint says that its words are not worth. */
  readonly caveat: string | undefined;
  /** What was changed in the model, in words; absent for the model as it is. */
  readonly edited?: string;
  readonly started: Date;
}

/** What pictures of a model without texts are compared with where nothing else is named. */
export const OWN = "its own features";

/**
 * Throws `UsageError` for arguments that ask for nothing, or for two things at once. Returns the texts, and the pictures that stand
 * for texts.
 */
export function checkArguments(
  images: readonly string[],
  { text = [], like = [], pixels, out, full }: DecomposeCommandOptions,
): { readonly texts: readonly string[]; readonly like: readonly string[] } {
  checkSource(images, pixels, "nothing to decompose", 'vitrine decompose cat.jpg --text "a cat"');
  if (full && out === undefined) {
    throw new UsageError({ what: "--full has nowhere to write to", expected: "--out DIR", fix: "add it" });
  }
  checkTexts(text);
  checkTexts(like, "--like");
  return { texts: text, like };
}

/** Throws `UsageError` unless there are either pictures or a file of pixels; `nothing` says that there is neither. */
export function checkSource(
  images: readonly string[],
  pixels: string | undefined,
  nothing: string,
  example: string,
): void {
  if (images.length === 0 && pixels === undefined) {
    throw new UsageError({
      what: nothing,
      got: "no pictures",
      expected: "picture files, or --pixels FILE",
      fix: `name at least one, as in \`${example}\``,
    });
  }
  if (images.length > 0 && pixels !== undefined) {
    throw new UsageError({
      what: "pictures and --pixels at once",
      got: `${images[0]!} and --pixels ${pixels}`,
      expected: "one or the other",
      fix: "leave one of them out",
    });
  }
}

/** Throws `UsageError` for texts of an option that are empty or alike. */
export function checkTexts(texts: readonly string[], option = "--text"): void {
  const trimmed = texts.map((text) => text.trim());
  const empty = trimmed.indexOf("");
  if (empty >= 0) {
    const got = `"${texts[empty]!}" as text ${empty + 1} of ${texts.length}`;
    throw new UsageError({ what: `an empty ${option}`, got, expected: "words", fix: "leave it out or fill it in" });
  }
  const again = trimmed.findIndex((text, i) => trimmed.indexOf(text) < i);
  if (again >= 0) {
    throw new UsageError({
      what: `the same ${option} twice`,
      got: `"${trimmed[again]!}"`,
      expected: "texts that differ",
      fix: "give it once: texts are compared with each other",
    });
  }
}

/** What the metadata of the checkpoint say of its limits, as one line that is safe to show. */
export async function caveatOf(clip: Clip): Promise<string | undefined> {
  const { caveat } = (await openCheckpoint(clip.parts.source.path)).metadata;
  return caveat === undefined ? undefined : printable(caveat);
}

export interface Provenance extends CommandProvenance {
  readonly device: string;
  readonly preprocessing: Preprocessing & { readonly imageSize: number };
}

export function provenanceOf({ clip, started }: Run): Provenance {
  const { preprocessing, vision } = clip.parts;
  const { seconds, command, ...when } = commandProvenance(started);
  return {
    ...when,
    device: clip.device,
    seconds,
    preprocessing: { imageSize: vision.imageSize, ...preprocessing },
    command,
  };
}

/** In words, for people. */
export function describePreprocessing({
  imageSize,
  resizeTo = imageSize,
  fit,
  filter,
  mean,
  std,
}: Provenance["preprocessing"]): string {
  const numbers = (list: readonly number[]): string => `(${list.map((x) => Number(x.toFixed(4))).join(", ")})`;
  const size =
    fit === "crop"
      ? `shorter side to ${resizeTo} pixels, centre square of ${imageSize}`
      : `squashed to ${imageSize} × ${imageSize}`;
  return `${size}, ${filter} as in Pillow; mean ${numbers(mean)}, deviation ${numbers(std)}`;
}
