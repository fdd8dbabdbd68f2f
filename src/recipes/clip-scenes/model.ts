/** The model in training: its parameters, its training steps and its encoders. */
import { input } from "../../engine/graph/ops/leaves.js";
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { logSoftmax } from "../../engine/graph/ops/normalise.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { reshape, slice } from "../../engine/graph/ops/shaping.js";
import { scope } from "../../engine/graph/scope.js";
import { buildWithSites } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import { Parameters } from "../../engine/train/parameters.js";
import type { TrainStep } from "../../engine/train/step.js";
import { Tower } from "../../models/clip/tower.js";
import { textTower, visionTokenFeatures, visionTower } from "../../models/clip/towers.js";
import {
  CLIP_MATRICES,
  clipDeclarations,
  contrastiveLoss,
  cosineLogits,
  trainableWeights,
} from "../../models/clip/trainable.js";
import type { TextWeights, VisionWeights } from "../../models/clip/weights.js";
import { optimisedStep } from "../optimised-step.js";
import { COLUMNS, VALUE_COUNT } from "./attribute-targets.js";
import { scenePixels, sceneTokenizer, textRows } from "./data.js";
import type { Encoders } from "./evaluate.js";
import { TOKEN_COUNT } from "./patches.js";
import { ARCHITECTURE, ATTRIBUTE_LENGTH, BLOCKS, CONTEXT_LENGTH, type Settings, WORDINGS } from "./settings.js";

const VISION = { ...BLOCKS, heads: ARCHITECTURE.vision.heads, fused: true };
const TEXT = { ...BLOCKS, heads: ARCHITECTURE.text.heads, fused: true };
const { imageSize } = ARCHITECTURE.vision;

export function sceneClipParameters(seed: number): Parameters {
  const sizes = { vocabulary: sceneTokenizer().vocabularySize, contextLength: CONTEXT_LENGTH };
  return new Parameters(clipDeclarations(ARCHITECTURE, sizes), { seed });
}

/**
 * A training step: captions against pictures, each attribute's values against whole pictures and their patches, and the same
 * values in other words against one another. `cropped` pictures keep some of their patches.
 */
export async function sceneClipStep(parameters: Parameters, settings: Settings, cropped: boolean): Promise<TrainStep> {
  const { batch, patches } = settings;
  const built = buildWithSites(() => {
    const weights = trainableWeights(parameters);
    const pixels = input("pixels", [batch, 3, imageSize, imageSize]);
    const encode = (kind: "caption" | "attribute", count: number, length: number): Value =>
      scope(kind, () => {
        const tokens = input(`${kind}Tokens`, [count, length], "int32");
        return textTower(tokens, input(`${kind}Ends`, [count], "int32"), weights.text, TEXT);
      });
    const count = cropped ? 1 + patches : TOKEN_COUNT;
    const kept = cropped ? input("kept", [batch, count], "int32") : undefined;
    const tokens = visionTokenFeatures(pixels, weights.vision, VISION, kept);
    const { features } = ARCHITECTURE;
    const pictures = reshape(slice(tokens, 1, 0, 1), [batch, features]);
    const captions = encode("caption", batch, CONTEXT_LENGTH);
    const [values, reworded] = halves(encode("attribute", WORDINGS * VALUE_COUNT, ATTRIBUTE_LENGTH));
    const logits = cosineLogits(reshape(tokens, [batch * count, features]), values, weights.logitScale);
    const targets = input("targets", [batch * count, VALUE_COUNT]);
    return [
      contrastiveLoss(pictures, captions, weights.logitScale),
      attributeLoss(logits, targets),
      // Else texts of what is hard to see become alike before pictures tell it, and then pictures never learn to.
      contrastiveLoss(values, reworded, weights.logitScale),
    ].reduce((total, loss) => add(total, loss));
  });
  return optimisedStep(built, parameters, settings, CLIP_MATRICES);
}

function halves(x: Value): [Value, Value] {
  const rows = x.shape[0]!;
  return [slice(x, 0, 0, rows / 2), slice(x, 0, rows / 2, rows)];
}

/** Cross-entropy within each attribute: the values of the others are no rivals. Both [M,V]; see `attributeTargets`. */
function attributeLoss(logits: Value, targets: Value): Value {
  const gains = COLUMNS.map(({ from, to }) =>
    sum(mul(slice(targets, 1, from, to), logSoftmax(slice(logits, 1, from, to))), [0, 1]),
  );
  return mul(
    gains.reduce((total, gain) => add(total, gain)),
    -1,
  );
}

/** Pictures or texts a run. */
const ENCODED = 64;

/** Encodes with the parameters as they are at each call. */
export function sceneClipEncoders(parameters: Parameters): Encoders & AsyncDisposable {
  const weights = trainableWeights(parameters);
  const vision = new Tower({ device: "cpu", edits: [], build: (batch) => buildVision(weights.vision, batch) });
  const text = new Tower({ device: "cpu", edits: [], build: (batch) => buildText(weights.text, batch) });
  const encode = async <W>(tower: Tower<W>, rows: Readonly<Record<string, Tensor>>): Promise<FloatTensor> => {
    const options = { shared: parameters.inputs(), batch: ENCODED };
    return (await tower.run("features", rows, ({ features }) => ({ features }), options)).features;
  };
  return {
    images: (scenes) => encode(vision, { pixels: scenePixels(scenes) }),
    texts: (texts) => encode(text, textRows(texts)),
    async [Symbol.asyncDispose]() {
      await vision.dispose();
      await text.dispose();
    },
  };
}

function buildVision(weights: VisionWeights<Value>, batch: number): TowerResult<VisionWeights<Value>> {
  const pixels = input("pixels", [batch, 3, imageSize, imageSize]);
  return { features: visionTower(pixels, weights, VISION), weights };
}

function buildText(weights: TextWeights<Value>, batch: number): TowerResult<TextWeights<Value>> {
  const tokens = input("tokens", [batch, CONTEXT_LENGTH], "int32");
  return { features: textTower(tokens, input("ends", [batch], "int32"), weights, TEXT), weights };
}

interface TowerResult<W> {
  readonly features: Value;
  readonly weights: W;
}
