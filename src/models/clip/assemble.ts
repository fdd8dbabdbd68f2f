/** From weights that are located and texts of files beside them to a {@link Clip}. Knows no file system. */
import { clipTokenizerOf, pieceTokenizerOf, type TextTokenizer } from "../../engine/media/tokenizer.js";
import { PieceTokenizer } from "../../engine/media/piece-tokenizer.js";
import type { Device } from "../../engine/runtime/session.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import { Clip, type ClipSource, type TextConfig } from "./clip.js";
import { type ReadBytes, type ReadText, settingsBeside } from "./config.js";
import { TokenizerMismatchError, WeightValueError } from "./errors.js";
import { type Family, readClipWeights } from "./layouts.js";
import { clipConfig } from "./model-sizes.js";
import type { Activation } from "./transformer.js";
import type { ClipWeights } from "./weights.js";

export interface AssembleOptions {
  readonly device?: Device;
  /** Overrides what the configuration says. Needed where there is none and the weights are not OpenAI's own. */
  readonly activation?: Activation;
  /**
   * Side of the pictures in pixels; the position table is resampled when it was learnt on another. A resize to more than
   * the model's size, before the crop, grows in proportion.
   */
  readonly imageSize?: number;
}

/** What a model is made from. */
export interface ClipFiles extends Pick<ClipSource, "path" | "origin" | "commit"> {
  /** The reference it was asked for by. */
  readonly ref: string;
  readonly checkpoint: Checkpoint;
  /** Where configuration and tokenizer lie, for messages. */
  readonly folder: string;
  readonly read: ReadText;
  readonly readBytes: ReadBytes;
}

/** Nothing is computed and no weight but scalars is read. Throws what `loadClip` throws, but for the hub's and file system's errors. */
export async function assembleClip(
  { ref, path, origin, commit, checkpoint, folder, read }: ClipFiles,
  options: AssembleOptions = {},
): Promise<Clip> {
  const { family, layout, weights } = readClipWeights(checkpoint);
  const settings = await settingsBeside(folder, layout, read);
  const { vision, text, preprocessing } = clipConfig(weights, settings, options, { path, layout, family });
  const tokenizer = text === undefined ? undefined : await tokenizerBeside(folder, read, family, text);
  const logitBias = logitBiasOf(weights, path);
  return new Clip(
    {
      ref,
      source: {
        path,
        origin,
        family: settings?.family ?? family,
        layout,
        files: checkpoint.files,
        ...(commit === undefined ? {} : { commit }),
      },
      weights,
      vision,
      ...(text === undefined ? {} : { text: padded(text, tokenizer) }),
      logitScale: logitScaleOf(weights, path),
      ...(logitBias === undefined ? {} : { logitBias }),
      preprocessing,
      ...(tokenizer === undefined ? {} : { tokenizer }),
    },
    options.device,
  );
}

/**
 * The factor on cosine similarities, which checkpoints hold as its logarithm. Without one, as in a vision tower alone, the
 * factor is 1: `weights.logitScale` tells the two apart.
 */
function logitScaleOf({ logitScale }: ClipWeights, path: string): number {
  if (logitScale === undefined) return 1;
  const logarithm = readStored(logitScale).data[0]!;
  const scale = Math.exp(logarithm);
  if (Number.isFinite(scale) && scale > 0) return scale;
  throw new WeightValueError({
    what: "unusable logit scale",
    where: `${path}: logit_scale`,
    got: String(logarithm),
    expected: "the logarithm of a factor, such as 4.6",
    fix: "get the checkpoint again",
  });
}

function logitBiasOf({ logitBias }: ClipWeights, path: string): number | undefined {
  if (logitBias === undefined) return undefined;
  const bias = readStored(logitBias).data[0]!;
  if (Number.isFinite(bias)) return bias;
  throw new WeightValueError({
    what: "unusable logit bias",
    where: `${path}: logit_bias`,
    got: String(bias),
    expected: "a number, such as -12.9",
    fix: "get the checkpoint again",
  });
}

/** What the tokenizer fills up with counts where texts are read at the last place. */
function padded(text: TextConfig, tokenizer: TextTokenizer | undefined): TextConfig {
  return tokenizer instanceof PieceTokenizer ? { ...text, padToken: tokenizer.padId } : text;
}

async function tokenizerBeside(
  folder: string,
  read: ReadText,
  family: Family,
  { vocabulary }: TextConfig,
): Promise<TextTokenizer | undefined> {
  const where = `${folder}/tokenizer.json`;
  const text = await read("tokenizer.json");
  if (text === undefined) return undefined;
  const tokenizer =
    family === "siglip"
      ? pieceTokenizerOf({ where, text, config: await read("tokenizer_config.json") })
      : clipTokenizerOf({ where, text });
  checkVocabulary(where, tokenizer, vocabulary);
  return tokenizer;
}

/** Throws {@link TokenizerMismatchError} for a tokenizer whose ids a model has no rows for; `where` names its file. */
export function checkVocabulary(
  where: string,
  tokenizer: { readonly vocabularySize: number },
  vocabulary: number,
): void {
  if (tokenizer.vocabularySize <= vocabulary) return;
  throw new TokenizerMismatchError({
    what: "the tokenizer knows more tokens than the model",
    where,
    got: `${tokenizer.vocabularySize} tokens`,
    expected: `at most ${vocabulary}, the rows of the token embedding`,
    fix: "use the tokenizer of this model",
  });
}
