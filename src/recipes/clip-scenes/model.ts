/** The model in training: its parameters, its training steps and its encoders. */
import { input } from "../../engine/graph/ops/leaves.js";
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { slice } from "../../engine/graph/ops/shaping.js";
import { scope } from "../../engine/graph/scope.js";
import { buildWithSites } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import { adamW } from "../../engine/train/optimisers.js";
import { Parameters } from "../../engine/train/parameters.js";
import { warmupCosine } from "../../engine/train/schedules.js";
import { createTrainStep, type TrainStep } from "../../engine/train/step.js";
import { Tower } from "../../models/clip/tower.js";
import { textTower, visionTower } from "../../models/clip/towers.js";
import { clipDeclarations, contrastiveLoss, trainableWeights } from "../../models/clip/trainable.js";
import type { TextWeights, VisionWeights } from "../../models/clip/weights.js";
import { scenePixels, sceneTokenizer, textRows } from "./data.js";
import type { Encoders } from "./evaluate.js";
import { ARCHITECTURE, BLOCKS, CONTEXT_LENGTH, GLIMPSE_LENGTH, GLIMPSES_A_PICTURE, type Settings } from "./settings.js";

const VISION = { ...BLOCKS, heads: ARCHITECTURE.vision.heads, fused: true };
const TEXT = { ...BLOCKS, heads: ARCHITECTURE.text.heads, fused: true };
const { imageSize } = ARCHITECTURE.vision;

export function sceneClipParameters(seed: number): Parameters {
  const sizes = { vocabulary: sceneTokenizer().vocabularySize, contextLength: CONTEXT_LENGTH };
  return new Parameters(clipDeclarations(ARCHITECTURE, sizes), { seed });
}

/** A training step that sees some patches of each picture (`masked`), or all. */
export async function sceneClipStep(parameters: Parameters, settings: Settings, masked: boolean): Promise<TrainStep> {
  const { batch, patches, rate, warmup, steps, decay, betas, clipNorm } = settings;
  const { result: loss, sites } = buildWithSites(() => {
    const weights = trainableWeights(parameters);
    const pixels = input("pixels", [batch, 3, imageSize, imageSize]);
    const kept = masked ? input("kept", [batch, patches + 1], "int32") : undefined;
    const images = visionTower(pixels, weights.vision, VISION, kept);
    const encode = (kind: "caption" | "glimpse", count: number, length: number): Value =>
      scope(kind, () => {
        const tokens = input(`${kind}Tokens`, [count, length], "int32");
        return textTower(tokens, input(`${kind}Ends`, [count], "int32"), weights.text, TEXT);
      });
    const captions = encode("caption", batch, CONTEXT_LENGTH);
    const glimpses = encode("glimpse", GLIMPSES_A_PICTURE * batch, GLIMPSE_LENGTH);
    const losses = Array.from({ length: GLIMPSES_A_PICTURE }, (_, i) =>
      contrastiveLoss(images, slice(glimpses, 0, i * batch, (i + 1) * batch), weights.logitScale, {
        matches: input(`true${i}`, [batch, batch]),
      }),
    );
    return [contrastiveLoss(images, captions, weights.logitScale), ...losses].reduce((total, one) => add(total, one));
  });
  return createTrainStep({
    loss: mul(loss, 1 / (1 + GLIMPSES_A_PICTURE)),
    parameters,
    optimiser: adamW({
      lr: warmupCosine(rate, Math.min(warmup, steps - 1), steps),
      decay,
      betas,
      // Gains, offsets and the scale have a natural size of their own.
      groups: [{ match: (name) => parameters.tensor(name).shape.length < 2, decay: 0 }],
    }),
    clipNorm,
    sites,
  });
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
