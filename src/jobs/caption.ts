import { z } from "zod";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import { type CaptionOptions, type SaidText, type SaidToken, say, sayWithout } from "../methods/captions/caption.js";
import { type Belief, beliefs, knowsWord } from "../methods/captions/confidence.js";
import { SCENE_WORDS } from "../methods/captions/described-scenes.js";
import { namedObjects } from "../methods/captions/detect.js";
import { seenPicture } from "../methods/decompose/report/seen-picture.js";
import type { RgbImage } from "../engine/media/image.js";
import { job, type JobControl } from "./job.js";
import { captionLength, captionParams, type ShownPicture, shown } from "./speaking.js";

const word = z.string().trim().min(1).max(100);

/** How the lens reads image tokens; see `LensOptions`. */
export const lensParams = {
  norm: z.enum(["none", "final"]).default("none"),
  softmax: z.enum(["plain", "top-50"]).default("plain"),
};

const captionJobParams = z.strictObject({ ...captionParams, ...lensParams, maxTokens: captionLength });

const beliefsJobParams = z.strictObject({ ...captionParams, ...lensParams, words: z.array(word).min(1).max(64) });

const erasedJobParams = z.strictObject({
  ...captionParams,
  ...lensParams,
  maxTokens: captionLength,
  words: z.array(word).min(1).max(32),
  /** The block whose output is edited, from 0; -1 edits what the first block gets. */
  layer: z.int().min(-1).max(1000),
  /** Where words' directions are read; see `EraseSettings`. */
  textLayer: z.int().min(-1).max(1000),
  /** 1 takes the part away, more turns it round. */
  alpha: z.number().min(0).max(1000),
  /** All words at once, whatever their order, instead of one after the other. */
  joint: z.boolean().default(false),
});

/** How much the model's image tokens hold of a word. */
export interface WordBelief {
  /** The largest probability over image tokens and layers. */
  readonly confidence: number;
  /**
   * Where that is: 0 for the embeddings, n for what block n-1 leaves; and which patch, row by row, or none where it is a class token. Of a
   * model whose image tokens are learnt queries, which query.
   */
  readonly layer: number;
  readonly place: number | null;
  /** [P]: the largest probability over layers, by patch or query. */
  readonly map: FloatTensor;
}

export interface CaptionObject extends WordBelief {
  /** In the singular, as it is asked for. */
  readonly word: string;
  /** What the word names. */
  readonly object: string;
  /** Where it stands in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** With which the decoder said it. */
  readonly probability: number;
}

/** What the model says, and how much it believes in what that names: by the picture as it is, also where words are erased. */
export interface Caption {
  readonly text: string;
  /** Whether it came to an end by itself. */
  readonly ended: boolean;
  readonly tokens: readonly SaidToken[];
  readonly objects: readonly CaptionObject[];
}

export interface SeenCaption extends Caption {
  /** [S,S,3]: the picture as the model sees it, squared or cropped and at its size. */
  readonly seen: Pick<RgbImage, "width" | "height" | "data">;
  /** Patches on each side; null where image tokens are learnt queries, which stand for no place. */
  readonly grid: number | null;
}

export const captionJob = job({
  summary: "What a model says of a picture, and how much its image tokens hold of each object that it names.",
  params: captionJobParams,
  async run(context, { model, picture, question, maxTokens, ...lens }, control): Promise<SeenCaption> {
    const open = await context.models.open(model, control);
    const one = await shown(context, open, picture, question);
    const said = await say(one.vlm, one.prompt, saying(maxTokens, control));
    return {
      ...(await captionOf(one, said, lens)),
      seen: seenPicture(one.pixels, 0, open.clip.parts.preprocessing),
      grid: one.vlm.hasPatches ? one.vlm.grid : null,
    };
  },
});

/** A word that was asked for; without a belief where the model has no token for it. */
export type AskedWord = ({ readonly word: string; readonly known: true } & WordBelief) | UnknownWord;

interface UnknownWord {
  readonly word: string;
  readonly known: false;
}

export const beliefsJob = job({
  summary: "How much a model's image tokens hold of words, and where.",
  params: beliefsJobParams,
  async run(context, { model, picture, question, words, ...lens }, control): Promise<readonly AskedWord[]> {
    const open = await context.models.open(model, control);
    const one = await shown(context, open, picture, question);
    const known = words.filter((word) => knowsWord(one.vlm, word));
    const found = await beliefs(one.vlm, one.prompt, known, lens);
    return words.map((word): AskedWord => {
      const at = known.indexOf(word);
      return at < 0 ? { word, known: false } : { word, known: true, ...believed(found[at]!, one) };
    });
  },
});

export const captionErasedJob = job({
  summary: "What a model says of a picture with words erased from its image tokens.",
  params: erasedJobParams,
  async run(context, asked, control): Promise<Caption> {
    const { model, picture, question, maxTokens, words, layer, textLayer, alpha, joint, ...lens } = asked;
    const open = await context.models.open(model, control);
    const one = await shown(context, open, picture, question);
    const settings = { layer, textLayer, alpha, projection: joint ? "joint" : "sequential" } as const;
    const said = await sayWithout(one.vlm, one.prompt, words, settings, saying(maxTokens, control));
    return captionOf(one, said, lens);
  },
});

type Lens = Parameters<typeof beliefs>[3];

async function captionOf(one: ShownPicture, said: SaidText, lens: Lens): Promise<Caption> {
  const objects = await namedObjects(one.vlm, one.prompt, said, SCENE_WORDS, lens);
  return {
    text: said.text,
    ended: said.ended,
    tokens: said.tokens,
    objects: objects.map(({ word, object, start, end, probability, belief }) => ({
      word,
      object,
      start,
      end,
      probability,
      ...believed(belief, one),
    })),
  };
}

function believed({ confidence, layer, place, map }: Belief, { prefix }: ShownPicture): WordBelief {
  const patches = map.data.slice(prefix);
  return {
    confidence,
    layer,
    place: place < prefix ? null : place - prefix,
    map: { ...map, shape: [patches.length], data: patches },
  };
}

function saying(maxTokens: number, control: JobControl): CaptionOptions {
  let [done, said] = [0, ""];
  return {
    maxTokens,
    signal: control.signal,
    onText: (piece) => {
      said += piece;
    },
    onToken: () => {
      control.progress({ stage: lastWords(said) || "describing the picture", done: ++done, unit: "steps" });
    },
  };
}

/** The end of a text, for a line that tells how far it has come. */
function lastWords(text: string): string {
  return text.length <= SHOWN ? text : `…${text.slice(-SHOWN)}`;
}

const SHOWN = 60;
