/** A language model that is shown pictures: LLaVA and its like, and InstructBLIP. */
import { UsageError } from "../../engine/errors.js";
import { gather } from "../../engine/graph/ops/indexing.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { concat } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";
import { type FloatTensor, floatTensor, intTensor } from "../../engine/tensor/tensor.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import type { Clip } from "../clip/clip.js";
import { MissingPartError } from "../clip/errors.js";
import type { LanguageModel, Prompt } from "../language/language-model.js";
import { type Bridge, bridged } from "./bridge.js";
import { DEFAULT_QUESTION, type VlmConfig } from "./config.js";
import { padToSquare } from "./pad-to-square.js";
import { IMAGE_MARK, promptIds, promptText } from "./prompt-ids.js";
import { towerTokens } from "./tower-tokens.js";

export interface VlmParts {
  /** The reference it was loaded by. */
  readonly ref: string;
  readonly tower: Clip;
  readonly language: LanguageModel;
  readonly bridge: Bridge;
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

  /** Whether image tokens stand for patches of the picture. A Q-Former's stand for no place in it. */
  get hasPatches(): boolean {
    return this.parts.bridge.kind === "projector";
  }

  /** Patches on each side. Throws {@link MissingPartError} where image tokens are no patches. */
  get grid(): number {
    if (this.hasPatches) return this.parts.tower.parts.vision.grid;
    throw new MissingPartError({
      what: "the model's image tokens are learnt queries and stand for no place in the picture: there are no maps",
      where: this.parts.ref,
      expected: "a model whose image tokens are patches, such as a LLaVA",
      fix: "ask for beliefs alone, or use another model",
    });
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

  /**
   * A prompt that shows what was seen, [1,P,width] or its first row, and asks. Throws `ImageTokenCountError` for a template that does not
   * show one picture, `UsageError` for a prompt that is too long.
   */
  prompt(seen: FloatTensor, question = DEFAULT_QUESTION, template = this.parts.config.prompt): PicturePrompt {
    const { tokenizer, bridge, language, ref } = this.parts;
    const text = promptText(template, question);
    const asked = text.replaceAll(IMAGE_MARK, "");
    const [, seenTokens, width] = seen.shape as [number, number, number];
    const { key, embed, inputs, imageTokens } = bridged(bridge, seenTokens, asked);
    const parts = promptIds(tokenizer, text, imageTokens, ref);
    const { startToken, contextLength } = language.config;
    const start = startToken === undefined ? [] : [startToken];
    // A Q-Former's image tokens come before all text, the start token among it.
    const [before, after] = this.hasPatches
      ? [[...start, ...parts.before], parts.after]
      : [[], [...start, ...tokenizer.encode(asked)]];
    const length = before.length + imageTokens + after.length;
    checkLength(ref, length, contextLength);
    const image = floatTensor(seen.data.subarray(0, seenTokens * width), [1, seenTokens, width]);
    const words = (name: string, ids: readonly number[], tokens: Value): Value[] =>
      ids.length === 0 ? [] : [gather(tokens, input(name, [1, ids.length], "int32"))];
    return {
      key: `picture:${before.length}:${imageTokens}:${key}`,
      batch: 1,
      length,
      imageAt: before.length,
      imageTokens,
      embed: ({ tokens }) => {
        const shown = embed(input("image", [1, seenTokens, width]));
        const all = [...words("before", before, tokens), shown, ...words("after", after, tokens)];
        return all.length === 1 ? all[0]! : concat(all, 1);
      },
      inputs: {
        image,
        ...inputs,
        ...(before.length > 0 ? { before: intTensor(Int32Array.from(before), [1, before.length]) } : {}),
        ...(after.length > 0 ? { after: intTensor(Int32Array.from(after), [1, after.length]) } : {}),
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
