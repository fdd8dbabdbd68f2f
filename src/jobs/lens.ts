import { z } from "zod";
import type { LanguageTokenizer } from "../engine/media/language-tokenizer.js";
import { type FloatTensor, floatTensor, intTensor, type Tensor } from "../engine/tensor/tensor.js";
import { lensWords } from "../methods/captions/lens.js";
import { lensParams } from "./caption.js";
import { job } from "./job.js";
import { captionParams, shown } from "./speaking.js";

/** The k likeliest words of P patches (or learnt queries), in the embeddings and in what each of L blocks leaves. */
export interface LensedPicture {
  /** Patches on each side; null where image tokens are learnt queries, which stand for no place. */
  readonly grid: number | null;
  /** All words that occur, as texts have them. */
  readonly words: readonly string[];
  /** [L+1,P,k]: which of the words, the likeliest first. */
  readonly likeliest: Tensor;
  /** [L+1,P,k]: their probabilities over the whole vocabulary. */
  readonly probabilities: FloatTensor;
}

export const lensJob = job({
  summary: "Which words each patch stands for, block by block: the logit lens at image tokens.",
  params: z.strictObject({ ...captionParams, norm: lensParams.norm, k: z.int().min(1).max(20).default(5) }),
  async run(context, { model, picture, question, norm, k }, control): Promise<LensedPicture> {
    const open = await context.models.open(model, control);
    const { vlm, prompt, prefix } = await shown(context, open, picture, question);
    const found = await lensWords(vlm, prompt, k, norm);
    const shape = [found.probabilities.shape[0]!, prompt.imageTokens - prefix, k] as const;
    const places = new Map<number, number>();
    const likeliest: number[] = [];
    const probabilities: number[] = [];
    for (const [i, token] of found.tokens.entries()) {
      // Class tokens come before the patches.
      if (Math.floor(i / k) % prompt.imageTokens < prefix) continue;
      if (!places.has(token)) places.set(token, places.size);
      likeliest.push(places.get(token)!);
      probabilities.push(found.probabilities.data[i]!);
    }
    return {
      grid: vlm.hasPatches ? vlm.grid : null,
      words: [...places.keys()].map((token) => spelt(vlm.parts.tokenizer, token)),
      likeliest: intTensor(Int32Array.from(likeliest), shape),
      probabilities: floatTensor(Float32Array.from(probabilities), shape),
    };
  },
});

/** As texts have it; pieces of a character, and nothing but space, as the vocabulary does. */
function spelt(tokenizer: LanguageTokenizer, token: number): string {
  const text = tokenizer.decode([token]);
  return text === "" || text.includes("\uFFFD") ? (tokenizer.tokenOf(token) ?? String(token)) : text;
}
