/** A language model that is shown pictures: LLaVA and its like. */
import { gather } from "../../engine/graph/ops/indexing.js";
import { input, weight } from "../../engine/graph/ops/leaves.js";
import { concat } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { UsageError } from "../../engine/errors.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { type FloatTensor, floatTensor, intTensor } from "../../engine/tensor/tensor.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import type { Clip } from "../clip/clip.js";
import { isStored, mapWeights } from "../clip/weights.js";
import type { LanguageModel, Prompt } from "../language/language-model.js";
import { DEFAULT_QUESTION, type VlmConfig } from "./config.js";
import { padToSquare } from "./pad-to-square.js";
import { projected, type ProjectorWeights } from "./projector.js";
import { towerTokens } from "./tower-tokens.js";

export interface VlmParts {
  /** The reference it was loaded by. */
  readonly ref: string;
  readonly tower: Clip;
  readonly language: LanguageModel;
  readonly projector: ProjectorWeights<StoredTensor>;
  readonly tokenizer: LanguageTokenizer;
  readonly config: VlmConfig;
  /** The model's own weights; a tower that lies elsewhere is not among them. */
  readonly files: Clip["parts"]["source"]["files"];
  /** What the checkpoint says of itself. */
  readonly metadata: Checkpoint["metadata"];
}

/** A prompt that shows a picture. */
export interface PicturePrompt extends Prompt {
  /** The place of the first image token, and how many there are. */
  readonly imageAt: number;
  readonly imageTokens: number;
}

/** Holds native memory once used: dispose of it (or declare it with `await using`). */
export class VisionLanguageModel implements AsyncDisposable {
  readonly parts: VlmParts;

  constructor(parts: VlmParts) {
    this.parts = parts;
  }

  get language(): LanguageModel {
    return this.parts.language;
  }

  /** Image tokens on each side. */
  get grid(): number {
    return this.parts.tower.parts.vision.grid;
  }

  /** Normalised pixels [B,3,S,S] of pictures. */
  preprocess(images: readonly RgbImage[]): FloatTensor {
    const { tower, config } = this.parts;
    const { mean } = tower.parts.preprocessing;
    return tower.preprocess(config.padToSquare ? images.map((image) => padToSquare(image, mean)) : images);
  }

  /** What the tower sees in pixels [B,3,S,S]: [B,P,width]. */
  see(pixels: FloatTensor): Promise<FloatTensor> {
    const { tower, config } = this.parts;
    return towerTokens(tower, pixels, config.tower);
  }

  /** A prompt that shows what was seen, [1,P,width] or its first row, and asks. Throws `UsageError` for a template without a picture. */
  prompt(seen: FloatTensor, question = DEFAULT_QUESTION, template = this.parts.config.prompt): PicturePrompt {
    const { tokenizer, projector, language, ref } = this.parts;
    const [before, after, ...more] = template.replace("{question}", question).split("<image>");
    if (after === undefined || more.length > 0) {
      throw new UsageError({
        what: "a prompt must show one picture",
        where: ref,
        got: JSON.stringify(template),
        expected: "one <image> in it",
      });
    }
    const { startToken } = language.config;
    const ids = [startToken === undefined ? [] : [startToken], tokenizer.encode(before!.trimEnd())].flat();
    const rest = tokenizer.encode(after);
    const [, imageTokens, width] = seen.shape as [number, number, number];
    const image = floatTensor(seen.data.subarray(0, imageTokens * width), [1, imageTokens, width]);
    const embed = (name: string, count: number, tokens: Value): Value[] =>
      count === 0 ? [] : [gather(tokens, input(name, [1, count], "int32"))];
    const length = ids.length + imageTokens + rest.length;
    checkLength(ref, length, language.config.contextLength);
    return {
      key: `picture:${ids.length}:${imageTokens}`,
      batch: 1,
      length,
      imageAt: ids.length,
      imageTokens,
      embed: ({ tokens }) => {
        const values = mapWeights(projector, isStored, (stored: StoredTensor): Value => weight(stored));
        const parts = [
          ...embed("before", ids.length, tokens),
          projected(input("image", [1, imageTokens, width]), values),
          ...embed("after", rest.length, tokens),
        ];
        return parts.length === 1 ? parts[0]! : concat(parts, 1);
      },
      inputs: {
        image,
        ...(ids.length > 0 ? { before: intTensor(Int32Array.from(ids), [1, ids.length]) } : {}),
        ...(rest.length > 0 ? { after: intTensor(Int32Array.from(rest), [1, rest.length]) } : {}),
      },
    };
  }

  async dispose(): Promise<void> {
    await this.parts.tower.dispose();
    await this.parts.language.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

function checkLength(where: string, length: number, most: number): void {
  if (length < most) return;
  throw new UsageError({
    what: "the prompt is longer than the model's context",
    where,
    got: `${length} tokens`,
    expected: `fewer than ${most}`,
    fix: "ask less",
  });
}
