/**
 * Which of the objects that a caption names the model itself does not see, and a caption without them.
 *
 * Source: Jiang et al. 2025, sections 4.2 and 5.2: an object is taken for hallucinated where the model's belief in it is below a
 * threshold.
 */
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { type CaptionOptions, type SaidText, say, sayWithout } from "./caption.js";
import { type Belief, beliefs } from "./confidence.js";
import type { EraseSettings } from "./erase.js";
import type { LensOptions } from "./lens.js";
import { distinctWords, type Mention, type ObjectWords } from "./object-words.js";
import { stands } from "./stands.js";

export interface NamedObject extends Mention {
  readonly belief: Belief;
  /** The smallest probability of the tokens that the word is made of, when it was said: what the decoder alone knows. */
  readonly probability: number;
}

/** The objects that a text about a picture names, each with the model's belief in it. */
export async function namedObjects(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  said: SaidText,
  words: ObjectWords,
  lens: LensOptions = {},
): Promise<NamedObject[]> {
  const mentions = words.mentions(said.text);
  const distinct = distinctWords(mentions);
  const found = await beliefs(model, prompt, distinct, lens);
  return mentions.map((mention) => {
    const own = said.tokens.filter(({ start, end }) => start < mention.end && end > mention.start);
    return {
      ...mention,
      belief: found[distinct.indexOf(mention.word)]!,
      probability: Math.min(...own.map(({ probability }) => probability)),
    };
  });
}

/** Words that a text names and the model believes in less than this. */
export function doubtedWords(objects: readonly NamedObject[], threshold: number): string[] {
  return distinctWords(objects.filter(({ belief }) => belief.confidence < threshold));
}

export interface AutoErase extends EraseSettings {
  /** Words that the model believes in less than this are erased. */
  readonly threshold: number;
}

export interface AutoErased {
  readonly before: SaidText;
  readonly objects: readonly NamedObject[];
  /** Words that were taken for hallucinated. */
  readonly erased: readonly string[];
  /** The caption without them where that {@link stands}, else the same as before. */
  readonly after: SaidText;
  /** The caption without them where it does not stand. */
  readonly undone?: SaidText;
}

/**
 * Says what is in a picture, finds what is hallucinated in that, erases it and says it again. (The paper lets any second caption stand.)
 */
export async function sayAndErase(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  words: ObjectWords,
  { threshold, ...settings }: AutoErase,
  options: CaptionOptions & { readonly lens?: LensOptions } = {},
): Promise<AutoErased> {
  const { lens = {}, ...rest } = options;
  const before = await say(model, prompt, rest);
  const objects = await namedObjects(model, prompt, before, words, lens);
  const erased = doubtedWords(objects, threshold);
  if (erased.length === 0) return { before, objects, erased, after: before };
  const without = await sayWithout(model, prompt, erased, settings, rest);
  return {
    before,
    objects,
    erased,
    ...(await standing(model, prompt, words, { before, objects, without }, threshold, lens)),
  };
}

/** Which of two captions is told: the one with words erased where it {@link stands}, else the one before. */
export async function standing(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  words: ObjectWords,
  { before, objects, without }: Pick<AutoErased, "before" | "objects"> & { readonly without: SaidText },
  threshold: number,
  lens: LensOptions = {},
): Promise<Pick<AutoErased, "after" | "undone">> {
  const named = await namedObjects(model, prompt, without, words, lens);
  return stands(confidencesOf(objects), confidencesOf(named), threshold)
    ? { after: without }
    : { after: before, undone: without };
}

export const confidencesOf = (objects: readonly NamedObject[]): number[] =>
  objects.map(({ belief }) => belief.confidence);
