/** From a checkpoint to a {@link Clip}, or a relative of it. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadPieceTokenizer, loadTokenizer, type TextTokenizer } from "../../engine/media/tokenizer.js";
import { PieceTokenizer } from "../../engine/media/piece-tokenizer.js";
import type { Device } from "../../engine/runtime/session.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import { exists, type HubAccess, locateModel } from "../locate.js";
import { Clip, type TextConfig } from "./clip.js";
import { readSettings } from "./config.js";
import { TokenizerMismatchError, WeightValueError } from "./errors.js";
import { type Family, readClipWeights } from "./layouts.js";
import { clipConfig } from "./model-sizes.js";
import type { Activation } from "./transformer.js";
import type { ClipWeights } from "./weights.js";

export interface LoadOptions extends HubAccess {
  readonly device?: Device;
  /** Overrides what the configuration says. Needed where there is none and the weights are not OpenAI's own. */
  readonly activation?: Activation;
  /**
   * Side of the pictures in pixels; the position table is resampled when it was learnt on another. A resize to more than
   * the model's size, before the crop, grows in proportion.
   */
  readonly imageSize?: number;
}

/**
 * Loads a CLIP, a SigLIP, or a vision transformer without texts such as DINO and DINOv2: configuration and places of the
 * weights; nothing is computed and no weight is read yet. `ref` is a file, a folder, a zoo name or a hub id. Throws `VitrineError`s: of the file formats, of the hub, and
 * `WrongFamilyError`, `WeightShapeError`, `WeightValueError`, `UnexpectedTensorError`, `ModelConfigError`,
 * `AmbiguousModelError`, `TokenizerMismatchError`.
 */
export async function loadClip(ref: string, options: LoadOptions = {}): Promise<Clip> {
  const { path, origin, commit } = await locateModel(ref, options);
  const checkpoint = await openCheckpoint(path);
  const { family, layout, weights } = readClipWeights(checkpoint);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  const settings = await readSettings(folder, layout);
  const { vision, text, preprocessing } = clipConfig(weights, settings, options, { path, layout, family });
  const tokenizer = text === undefined ? undefined : await readTokenizer(folder, family, text);
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

async function readTokenizer(
  folder: string,
  family: Family,
  { vocabulary }: TextConfig,
): Promise<TextTokenizer | undefined> {
  const file = join(folder, "tokenizer.json");
  if (!(await exists(file))) return undefined;
  const config = join(folder, "tokenizer_config.json");
  const tokenizer =
    family === "siglip"
      ? await loadPieceTokenizer(file, (await exists(config)) ? config : {})
      : await loadTokenizer(file);
  if (tokenizer.vocabularySize <= vocabulary) return tokenizer;
  throw new TokenizerMismatchError({
    what: "the tokenizer knows more tokens than the model",
    where: file,
    got: `${tokenizer.vocabularySize} tokens`,
    expected: `at most ${vocabulary}, the rows of the token embedding`,
    fix: "use the tokenizer.json of this model",
  });
}
