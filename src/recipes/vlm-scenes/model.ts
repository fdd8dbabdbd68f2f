/** The model in training: a projector and a language model that say what a tower, which stays as it is, sees. */
import { mul } from "../../engine/graph/ops/arithmetic.js";
import { gather, gatherLast } from "../../engine/graph/ops/indexing.js";
import { constant, input } from "../../engine/graph/ops/leaves.js";
import { logSoftmax } from "../../engine/graph/ops/normalise.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, slice } from "../../engine/graph/ops/shaping.js";
import { buildWithSites } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import { type Initialiser, normal, ones, zeros } from "../../engine/train/initialise.js";
import { Parameters } from "../../engine/train/parameters.js";
import type { TrainStep } from "../../engine/train/step.js";
import type { LayoutTensor } from "../../models/clip/open-clip-tensors.js";
import type { LanguageConfig } from "../../models/language/config.js";
import { languageLogits, languageModel } from "../../models/language/graph.js";
import { languageWeights } from "../../models/language/layout.js";
import { rotaryTables } from "../../models/language/rotary.js";
import type { LanguageWeights } from "../../models/language/weights.js";
import { llavaTensors } from "../../models/vlm/llava-tensors.js";
import { projected, type ProjectorWeights } from "../../models/vlm/projector.js";
import { adamWStep } from "../adamw-step.js";
import { CAPTION_LENGTH, type Settings } from "./settings.js";

export interface Sizes {
  /** What the tower gives: tokens a picture, and their width. */
  readonly imageTokens: number;
  readonly towerWidth: number;
  readonly language: LanguageConfig;
}

/** Under the names of LLaVA's original checkpoints. */
export function captionerParameters({ towerWidth, language }: Sizes, seed: number): Parameters {
  const declarations = llavaTensors(language, towerWidth).map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    initialise: startOf(tensor, language.layers),
  }));
  return new Parameters(declarations, { seed });
}

/** What writes to the stream starts smaller the more blocks write to it, as in GPT-2. */
function startOf({ name, shape, role }: LayoutTensor, layers: number): Initialiser {
  if (role === "embedding") return normal(0.5);
  if (role === "gain") return ones;
  if (role === "bias") return zeros;
  const writes = name.endsWith(".o_proj.weight") || name.endsWith(".down_proj.weight");
  return normal((writes ? 1 / Math.sqrt(2 * layers) : 1) / Math.sqrt(shape[1]!));
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

export function captionerStep(parameters: Parameters, sizes: Sizes, settings: Settings): Promise<TrainStep> {
  return adamWStep(
    buildWithSites(() => captionLoss(parameters, sizes, settings.batch)),
    parameters,
    settings,
  );
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
