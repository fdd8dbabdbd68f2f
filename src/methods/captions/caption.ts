/** What a model says of a picture, with what it is shown erased or not. */
import { UsageError } from "../../engine/errors.js";
import { beamSearch } from "../../models/language/beam-search.js";
import { generate, type GenerateOptions, type Started } from "../../models/language/generate.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { TextStream } from "./text-stream.js";
import { Eraser, type EraseSettings, wordDirections } from "./erase.js";

export interface CaptionOptions extends Partial<GenerateOptions> {
  /** Beginnings that are gone on with at once; 1 (the default) takes the likeliest token each time. */
  readonly beams?: number;
  /** Hears the text as it is said, piece by piece; with several beams, only once it is whole. The pieces make up the text. */
  readonly onText?: (piece: string) => void;
}

export interface SaidToken {
  readonly id: number;
  readonly text: string;
  /** Where it stands in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** By the model, given what was said before. */
  readonly probability: number;
}

export interface SaidText {
  readonly text: string;
  readonly tokens: readonly SaidToken[];
  /** Whether it came to an end by itself. */
  readonly ended: boolean;
}

/** As many tokens as captions have at most, unless told. */
const MOST_TOKENS = 512;

/** Says what follows a prompt. Throws `UsageError` for unusable options. */
export async function say(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  options: CaptionOptions = {},
): Promise<SaidText> {
  const room = roomFor(model, prompt, options);
  return goOn(model, await model.language.start(prompt, room), room, options);
}

/** The same with words erased. */
export async function sayWithout(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  words: readonly string[],
  settings: EraseSettings,
  options: CaptionOptions = {},
): Promise<SaidText> {
  if (words.length === 0) return say(model, prompt, options);
  const room = roomFor(model, prompt, options);
  const directions = await wordDirections(model, words, settings.textLayer);
  const eraser = await Eraser.at(model, prompt, settings.layer);
  return goOn(model, await eraser.start(directions, settings, room), room, options);
}

export interface Room {
  readonly places: number;
  readonly sequences: number;
  readonly maxTokens: number;
}

/** The room that a caption needs. Throws `UsageError` for a number of beams or tokens that is none, and for beams that are to be drawn. */
export function roomFor(
  { language }: VisionLanguageModel,
  prompt: PicturePrompt,
  { beams = 1, maxTokens = MOST_TOKENS, temperature = 0 }: CaptionOptions,
): Room {
  if (beams > 1 && temperature > 0) {
    throw new UsageError({
      what: "beams are searched by probability, and not drawn",
      got: `${beams} beams, temperature ${temperature}`,
      expected: "one of the two",
    });
  }
  for (const [what, value] of Object.entries({ beams, maxTokens })) {
    if (Number.isInteger(value) && value >= 1 && value <= 4096) continue;
    throw new UsageError({ what: `unusable ${what}`, got: String(value), expected: "a whole number from 1 to 4096" });
  }
  const most = Math.min(maxTokens, language.config.contextLength - prompt.length);
  return { places: prompt.length + most, sequences: beams, maxTokens: most };
}

/** Goes on from a prompt that has run. */
export async function goOn(
  model: VisionLanguageModel,
  started: Started,
  { maxTokens, sequences }: Room,
  { beams = 1, onText, onToken, ...options }: CaptionOptions,
): Promise<SaidText> {
  const { tokenizer } = model.parts;
  const stream = onText && new TextStream(tokenizer, onText);
  const hear = (token: number): void => {
    stream?.push(token);
    onToken?.(token);
  };
  const { tokens, logProbabilities, ended } =
    beams > 1
      ? await beamSearch(model.language, started, { ...options, beams: sequences, maxTokens })
      : await generate(model.language, started, { ...options, maxTokens, onToken: hear });
  const text = tokenizer.decode(tokens);
  stream?.end(text);
  let start = 0;
  const said = tokens.map((id, i) => {
    const end = Math.min(text.length, Math.max(start, tokenizer.decode(tokens.slice(0, i + 1)).length));
    const token = { id, text: text.slice(start, end), start, end, probability: Math.exp(logProbabilities[i]!) };
    start = end;
    return token;
  });
  return { text, tokens: said, ended };
}
