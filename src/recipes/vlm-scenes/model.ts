/** The model in training: a projector and a language model that say what a tower, which stays as it is, sees. */
import { mul } from "../../engine/graph/ops/arithmetic.js";
import { gather, gatherLast } from "../../engine/graph/ops/indexing.js";
import { constant, input } from "../../engine/graph/ops/leaves.js";
import { logSoftmax } from "../../engine/graph/ops/normalise.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, slice } from "../../engine/graph/ops/shaping.js";
import { buildWithSites } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import { normal, ones, zeros } from "../../engine/train/initialise.js";
import { adamW } from "../../engine/train/optimisers.js";
import { type ParameterDeclaration, Parameters } from "../../engine/train/parameters.js";
import { warmupCosine } from "../../engine/train/schedules.js";
import { createTrainStep, type TrainStep } from "../../engine/train/step.js";
import type { LanguageConfig } from "../../models/language/config.js";
import { languageLogits, languageModel } from "../../models/language/graph.js";
import { languageWeights } from "../../models/language/layout.js";
import { rotaryTables } from "../../models/language/rotary.js";
import type { LanguageWeights } from "../../models/language/weights.js";
import { projected, type ProjectorWeights } from "../../models/vlm/projector.js";
import { CAPTION_LENGTH, type Settings } from "./settings.js";

export interface Sizes {
  /** What the tower gives: tokens a picture, and their width. */
  readonly imageTokens: number;
  readonly towerWidth: number;
  readonly language: LanguageConfig;
}

/** Under the names of LLaVA's original checkpoints. */
export function captionerParameters({ towerWidth, language }: Sizes, seed: number): Parameters {
  const { layers, width, heads, keyHeads, headWidth, hidden, vocabulary } = language;
  const matrix = (name: string, out: number, from: number, scale = 1): ParameterDeclaration => ({
    name,
    shape: [out, from],
    initialise: normal(scale / Math.sqrt(from)),
  });
  const gain = (name: string): ParameterDeclaration => ({ name, shape: [width], initialise: ones });
  // What writes to the stream starts smaller the more blocks write to it, as in GPT-2.
  const quiet = 1 / Math.sqrt(2 * layers);
  const blocks = Array.from({ length: layers }, (_, i) => `model.layers.${i}`).flatMap((at) => [
    gain(`${at}.input_layernorm.weight`),
    matrix(`${at}.self_attn.q_proj.weight`, heads * headWidth, width),
    matrix(`${at}.self_attn.k_proj.weight`, keyHeads * headWidth, width),
    matrix(`${at}.self_attn.v_proj.weight`, keyHeads * headWidth, width),
    matrix(`${at}.self_attn.o_proj.weight`, width, heads * headWidth, quiet),
    gain(`${at}.post_attention_layernorm.weight`),
    matrix(`${at}.mlp.gate_proj.weight`, hidden, width),
    matrix(`${at}.mlp.up_proj.weight`, hidden, width),
    matrix(`${at}.mlp.down_proj.weight`, width, hidden, quiet),
  ]);
  const declarations: ParameterDeclaration[] = [
    { name: "model.embed_tokens.weight", shape: [vocabulary, width], initialise: normal(0.5) },
    ...blocks,
    gain("model.norm.weight"),
    matrix("lm_head.weight", vocabulary, width),
    matrix("model.mm_projector.0.weight", width, towerWidth),
    { name: "model.mm_projector.0.bias", shape: [width], initialise: zeros },
    matrix("model.mm_projector.2.weight", width, width),
    { name: "model.mm_projector.2.bias", shape: [width], initialise: zeros },
  ];
  return new Parameters(declarations, { seed });
}

/** The mean cross-entropy of what is to be said, over the words of a batch; inputs as `sceneRows` gives them. */
export function captionLoss(
  parameters: Parameters,
  { imageTokens, towerWidth, language }: Sizes,
  batch: number,
): Value {
  const weights = languageOf(parameters, language);
  const projector: ProjectorWeights<Value> = {
    fc1: {
      weight: parameters.value("model.mm_projector.0.weight"),
      bias: parameters.value("model.mm_projector.0.bias"),
    },
    fc2: {
      weight: parameters.value("model.mm_projector.2.weight"),
      bias: parameters.value("model.mm_projector.2.bias"),
    },
  };
  const seen = projected(input("tokens", [batch, imageTokens, towerWidth]), projector);
  const said = gather(weights.tokens, input("words", [batch, CAPTION_LENGTH], "int32"));
  const length = imageTokens + CAPTION_LENGTH;
  // The start, the picture, then the words.
  const x = concat([slice(said, 1, 0, 1), seen, slice(said, 1, 1, CAPTION_LENGTH)], 1);
  const tables = rotaryTables(language, 0, length);
  const rotary = { cos: constant(tables.cos), sin: constant(tables.sin) };
  const { hidden } = languageModel({ x, rotary }, weights, language);
  const speaking = reshape(slice(hidden, 1, imageTokens, length), [batch * CAPTION_LENGTH, language.width]);
  const chances = logSoftmax(languageLogits(speaking, weights));
  const targets = reshape(input("targets", [batch, CAPTION_LENGTH], "int32"), [batch * CAPTION_LENGTH, 1]);
  const chosen = reshape(gatherLast(chances, targets), [batch, CAPTION_LENGTH]);
  return mul(sum(mul(chosen, input("weights", [batch, CAPTION_LENGTH])), [0, 1]), -1);
}

export async function captionerStep(parameters: Parameters, sizes: Sizes, settings: Settings): Promise<TrainStep> {
  const { batch, rate, warmup, steps, decay, betas, clipNorm } = settings;
  const { result: loss, sites } = buildWithSites(() => captionLoss(parameters, sizes, batch));
  return createTrainStep({
    loss,
    parameters,
    optimiser: adamW({
      lr: warmupCosine(rate, Math.min(warmup, steps - 1), steps),
      decay,
      betas,
      groups: [{ match: (name) => parameters.tensor(name).shape.length < 2, decay: 0 }],
    }),
    clipNorm,
    sites,
  });
}

function languageOf(parameters: Parameters, language: LanguageConfig): LanguageWeights<Value> {
  const { names } = parameters;
  const source = {
    has: (name: string) => names.includes(name),
    names: () => names,
    take: (name: string) => parameters.value(name),
    rows: (value: Value, from: number, to: number) => slice(value, 0, from, to),
  };
  return languageWeights<Value>(source, { prefix: "model.", head: "lm_head.weight" }, language);
}
