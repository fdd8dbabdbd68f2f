/**
 * The logit lens at image tokens: which words of the vocabulary each token stands for, block by block.
 *
 * Source: nostalgebraist 2020, "Interpreting GPT: the logit lens"; at image tokens, Jiang et al. 2025, "Interpreting and Editing
 * Vision-Language Representations to Mitigate Hallucinations", section 3. P image tokens, L blocks, V vocabulary, T wanted tokens.
 */
import { UsageError } from "../../engine/errors.js";
import { sub } from "../../engine/graph/ops/arithmetic.js";
import { greaterOrEqual, where } from "../../engine/graph/ops/compare.js";
import { gatherLast, topK } from "../../engine/graph/ops/indexing.js";
import { expand, reshape, slice } from "../../engine/graph/ops/shaping.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { project } from "../../models/language/block.js";
import { logSumExp } from "../../engine/graph/ops/reduce.js";
import { rmsNorm } from "../../engine/graph/ops/rms-norm.js";
import { exp } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor, intTensor } from "../../engine/tensor/tensor.js";
import type { PromptGraph } from "../../models/language/language-model.js";
import type { PicturePrompt, VisionLanguageModel } from "../../models/vlm/vision-language-model.js";

export interface LensOptions {
  /**
   * Whether the final norm is applied to what blocks leave. `"none"` (the default, as in the reference) applies it to what the last
   * block leaves and to nothing else.
   */
  readonly norm?: "none" | "final";
  /** Over the whole vocabulary (the default), or over the 50 likeliest words, the others having probability 0 (as in the reference for LLaVA). */
  readonly softmax?: "plain" | "top-50";
}

const KEPT = 50;
/** Weighs nothing in a softmax. */
const NOTHING = -1e30;

/** Probabilities [L+1,P,T] of wanted tokens at image tokens: of the embeddings, then of what each block leaves. */
export async function imageLens(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  tokens: readonly number[],
  { norm = "none", softmax = "plain" }: LensOptions = {},
): Promise<FloatTensor> {
  const { vocabulary, layers } = model.language.config;
  const strange = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocabulary));
  if (tokens.length === 0 || strange !== undefined) {
    throw new UsageError({
      what: "unusable tokens for the lens",
      got: strange === undefined ? "none" : String(strange),
      expected: `one or more whole numbers from 0 to ${vocabulary - 1}`,
    });
  }
  const places = prompt.imageTokens;
  const results = await model.language.run(
    `lens:${norm}:${softmax}:${prompt.imageAt}:${tokens.length}`,
    prompt,
    (graph) => {
      const wanted = expand(reshape(input("wanted", [tokens.length], "int32"), [1, tokens.length]), [
        places,
        tokens.length,
      ]);
      const states = imageStates(graph, prompt, norm);
      return Object.fromEntries(
        states.map((state, i) => [`p${i}`, chances(project(state, { weight: graph.weights.head }), wanted, softmax)]),
      );
    },
    {},
    { wanted: intTensor(Int32Array.from(tokens), [tokens.length]) },
  );
  const joined = new Float32Array((layers + 1) * places * tokens.length);
  for (let layer = 0; layer <= layers; layer++) joined.set(results[`p${layer}`]!.data, layer * places * tokens.length);
  return floatTensor(joined, [layers + 1, places, tokens.length]);
}

export interface LensWords {
  /** [L+1,P,k] each: the likeliest tokens, and their probabilities over the whole vocabulary. */
  readonly tokens: readonly number[];
  readonly probabilities: FloatTensor;
}

/** The k likeliest words at each image token: of the embeddings, then of what each block leaves. */
export async function lensWords(
  model: VisionLanguageModel,
  prompt: PicturePrompt,
  k: number,
  norm: LensOptions["norm"] = "none",
): Promise<LensWords> {
  const { layers } = model.language.config;
  const results = await model.language.run(`lens-words:${norm}:${k}:${prompt.imageAt}`, prompt, (graph) =>
    Object.fromEntries(
      imageStates(graph, prompt, norm).flatMap((state, i) => {
        const logits = project(state, { weight: graph.weights.head });
        const { values, indices } = topK(logits, k);
        const shares = exp(sub(values, logSumExp(logits, [-1], { keepDims: true })));
        return [
          [`i${i}`, indices],
          [`p${i}`, shares],
        ];
      }),
    ),
  );
  const size = prompt.imageTokens * k;
  const probabilities = new Float32Array((layers + 1) * size);
  const tokens: number[] = [];
  for (let layer = 0; layer <= layers; layer++) {
    probabilities.set(results[`p${layer}`]!.data, layer * size);
    tokens.push(...results[`i${layer}`]!.data);
  }
  return { tokens, probabilities: floatTensor(probabilities, [layers + 1, prompt.imageTokens, k]) };
}

/** Image tokens [P,D] as the lens reads them: embeddings, then what each block leaves. */
function imageStates(graph: PromptGraph, { imageAt, imageTokens }: PicturePrompt, norm: LensOptions["norm"]): Value[] {
  const image = (x: Value): Value => reshape(slice(x, 1, imageAt, imageAt + imageTokens), [imageTokens, x.shape[2]!]);
  const streams = [graph.site("lm.embed"), ...graph.sites("lm.blocks.*.resid_post")];
  return streams.map((stream, i) => {
    if (i === streams.length - 1) return image(graph.hidden);
    return norm === "final" ? rmsNorm(image(stream), graph.weights.finalNorm, graph.epsilon) : image(stream);
  });
}

/** Probabilities [P,T] of wanted tokens, of logits [P,V]. */
function chances(logits: Value, wanted: Value, softmax: LensOptions["softmax"]): Value {
  const own = gatherLast(logits, wanted);
  if (softmax === "plain") return exp(sub(own, logSumExp(logits, [-1], { keepDims: true })));
  const count = Math.min(KEPT, logits.shape[1]!);
  const least = slice(topK(logits, count).values, 1, count - 1, count);
  // Words that tie with the last one kept are kept too.
  const kept = where(greaterOrEqual(logits, least), logits, NOTHING);
  const share = exp(sub(own, logSumExp(kept, [-1], { keepDims: true })));
  return where(greaterOrEqual(own, least), share, 0);
}
