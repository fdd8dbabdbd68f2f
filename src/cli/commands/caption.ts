/** `vitrine caption`: what a vision-language model says of a picture, what it believes, and what it says with words erased. */
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { type CaptionOptions, type SaidText, say, sayWithout } from "../../methods/captions/caption.js";
import { type Belief, beliefs, wordTokens } from "../../methods/captions/confidence.js";
import { doubtedWords, type NamedObject, namedObjects, standing } from "../../methods/captions/detect.js";
import type { LensOptions } from "../../methods/captions/lens.js";
import { ObjectWords } from "../../methods/captions/object-words.js";
import { fieldOf, patchesOf } from "../../methods/captions/picture-map.js";
import { loadVlm } from "../../models/vlm/load.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { VERSION } from "../../version.js";
import { SCENE_OBJECTS } from "../../worlds/scenes/index.js";
import { modelCaveat } from "../captions/caveat.js";
import { CAPTION, type CaptionFilesInput, writeCaptionFiles } from "../captions/caption-files.js";
import { CaptionTeller } from "../captions/caption-teller.js";
import { readSynonyms } from "../captions/chair-files.js";
import { readPicture } from "../captions/picture.js";
import { type EraseOptions, eraseSettings } from "../../methods/captions/erase-settings.js";
import { downloadProgress } from "../download-progress.js";
import { refuseToOverwrite } from "../overwrite.js";
import { printable } from "../terminal-text.js";
import type { ModelOptions } from "./model-options.js";

export interface CaptionCommandOptions extends ModelOptions, EraseOptions {
  readonly question?: string;
  readonly prompt?: string;
  readonly confidence?: readonly string[];
  readonly erase?: readonly string[];
  readonly autoErase?: true;
  readonly objects?: string;
  readonly norm: NonNullable<LensOptions["norm"]>;
  readonly softmax: NonNullable<LensOptions["softmax"]>;
  readonly beams: number;
  readonly maxTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly repetitionPenalty: number;
  readonly seed: number;
  readonly tower?: string;
  readonly frame?: number;
  readonly out?: string;
  readonly force?: true;
}

interface Findings {
  readonly said: SaidText;
  readonly objects: readonly NamedObject[];
  readonly asked: readonly Belief[];
  readonly erased: readonly string[];
  readonly after: SaidText | undefined;
  /** Of `--auto-erase`; see `AutoErased`. */
  readonly undone?: SaidText;
}

/** Throws `UsageError`, `OutputExistsError`, and what loading, decoding and captioning throw. */
export async function runCaption(image: string, options: CaptionCommandOptions): Promise<void> {
  const { out, json, frame } = options;
  if (out !== undefined) refuseToOverwrite(join(out, CAPTION), options.force);
  if (options.autoErase && options.erase !== undefined) {
    throw new UsageError({ what: "two ways to erase", got: "--erase and --auto-erase", expected: "one of them" });
  }
  const table =
    options.objects === undefined ? { objects: SCENE_OBJECTS, doubleWords: {} } : await readSynonyms(options.objects);
  await using model = await loadVlm(options.model, { ...options, ...downloadProgress() });
  const picture = await readPicture(image, model.parts.tower.parts.vision.imageSize, frame);
  const prompt = promptOf(model, await model.see(model.preprocess([picture])), options);
  for (const word of [...(options.confidence ?? []), ...(options.erase ?? [])]) wordTokens(model, word);
  const settings = eraseSettings(model, options);
  const caveat = modelCaveat(model);
  const live = !json && process.stdout.isTTY;
  const told: string[] = [];
  const write = (text: string): void => {
    if (live) process.stdout.write(text);
    else told.push(text);
  };
  const teller = new CaptionTeller(write, live);
  teller.heading(model.parts.ref, caveat);
  const found = await look(model, prompt, new ObjectWords(table, "fixed"), settings, options, teller);
  const document = documentOf(image, model, found, settings, caveat);
  const files = out === undefined ? [] : await writeCaptionFiles(out, { ...mapsOf(model, picture, found), document });
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...document, files })}\n`);
    return;
  }
  if (!model.hasPatches) teller.line(NO_MAPS);
  teller.line(out === undefined ? "Add --out DIR for maps and data." : `Wrote ${files.map(printable).join(", ")}.`);
  process.stdout.write(told.join(""));
}

/** Throws `UsageError` for a question to a model that is asked nothing. */
function promptOf(
  model: VisionLanguageModel,
  seen: FloatTensor,
  { question, prompt: template = model.parts.config.prompt }: CaptionCommandOptions,
): PicturePrompt {
  if (question !== undefined && !template.includes("{question}")) {
    throw new UsageError({
      what: "there is no place for a question in the prompt",
      where: printable(model.parts.ref),
      got: `the prompt ${JSON.stringify(template)}`,
      expected: "{question} in it",
      fix: "leave --question out: this model was not trained to be asked; or give another --prompt",
    });
  }
  return model.prompt(seen, question, template);
}

async function look(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  words: ObjectWords,
  settings: ReturnType<typeof eraseSettings>,
  options: CaptionCommandOptions,
  teller: CaptionTeller,
): Promise<Findings> {
  const lens: LensOptions = { norm: options.norm, softmax: options.softmax };
  const saying: CaptionOptions = sayingOf(options);
  const said = await teller.text((onText) => say(model, prompt, { ...saying, ...(onText && { onText }) }));
  const objects = await namedObjects(model, prompt, said, words, lens);
  teller.objects(objects, settings.threshold);
  const asked = await beliefs(model, prompt, options.confidence ?? [], lens);
  teller.asked(asked);
  const erased = options.autoErase ? doubtedWords(objects, settings.threshold) : (options.erase ?? []);
  if (erased.length === 0) return { said, objects, asked, erased, after: undefined };
  teller.without(erased);
  const without = await teller.text((onText) =>
    sayWithout(model, prompt, erased, settings, { ...saying, ...(onText && { onText }) }),
  );
  if (!options.autoErase) return { said, objects, asked, erased, after: without };
  const told = await standing(model, prompt, words, { before: said, objects, without }, settings.threshold, lens);
  if (told.undone !== undefined) teller.stays();
  return { said, objects, asked, erased, ...told };
}

function sayingOf(options: CaptionCommandOptions): CaptionOptions {
  const { beams, maxTokens, temperature, topP, seed, repetitionPenalty } = options;
  return {
    beams,
    maxTokens,
    seed,
    repetitionPenalty,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  };
}

const NO_MAPS = "The model's image tokens are learnt queries and stand for no place in the picture: there are no maps.";

function mapsOf(model: VisionLanguageModel, picture: RgbImage, found: Findings): Omit<CaptionFilesInput, "document"> {
  const maps = model.hasPatches
    ? distinctBeliefs(found).map(({ word, map }) => ({ word, map: patchesOf(model, map.data) }))
    : [];
  return { picture, field: fieldOf(model, picture), maps };
}

/** One for each word, those asked for first. */
function distinctBeliefs({ asked, objects }: Findings): Belief[] {
  const all = [...asked, ...objects.map(({ belief }) => belief)];
  return all.filter(({ word }, i) => all.findIndex((other) => other.word === word) === i);
}

function documentOf(
  image: string,
  model: VisionLanguageModel,
  { said, objects, asked, erased, after, undone }: Findings,
  settings: ReturnType<typeof eraseSettings>,
  caveat: string | undefined,
): object {
  const believed = ({ word, confidence, layer, place, map: { data } }: Belief): object => {
    if (!model.hasPatches) return { word, confidence, layer, place: null, map: null, queries: [...data] };
    const patches = patchesOf(model, data);
    const patch = place - (data.length - patches.length);
    return { word, confidence, layer, place: patch < 0 ? null : patch, map: [...patches] };
  };
  return {
    image,
    model: { ref: model.parts.ref, caveat, grid: model.hasPatches ? model.grid : null },
    version: VERSION,
    caption: said.text,
    tokens: said.tokens,
    objects: objects.map(({ belief, word, object, start, end, probability }) => ({
      object,
      start,
      end,
      probability,
      ...believed(belief),
      word,
    })),
    confidence: asked.map(believed),
    ...(after === undefined ? {} : { erased, settings, after: after.text }),
    ...(undone === undefined ? {} : { undone: undone.text }),
  };
}
