/**
 * A CLIP in training: parameters under the names of OpenCLIP's layout, and its towers and loss over them.
 *
 * Source: Radford et al. 2021, sections 2.3 to 2.5; starting values as in OpenAI's `initialize_parameters`.
 */
import { add, div, minimum, mul } from "../../engine/graph/ops/arithmetic.js";
import { constant } from "../../engine/graph/ops/leaves.js";
import { crossEntropy } from "../../engine/graph/ops/losses.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { logSoftmax } from "../../engine/graph/ops/normalise.js";
import { mean, sum } from "../../engine/graph/ops/reduce.js";
import { slice, transpose } from "../../engine/graph/ops/shaping.js";
import { exp, sqrt, square } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { intTensor } from "../../engine/tensor/tensor.js";
import { filled, type Initialiser, normal, ones, zeros } from "../../engine/train/initialise.js";
import type { ParameterDeclaration, Parameters } from "../../engine/train/parameters.js";
import type { Architecture } from "./architectures.js";
import { openClipTowers } from "./open-clip-layout.js";
import { type LayoutTensor, type TextSizes, textTensors, visionTensors } from "./open-clip-tensors.js";
import type { TextWeights, VisionWeights } from "./weights.js";

/** Every tensor of the model, in the layout's order, with what it starts from. */
export function clipDeclarations(architecture: Architecture, sizes: TextSizes): ParameterDeclaration[] {
  const { vision, text } = architecture;
  const declare =
    (layers: number) =>
    (tensor: LayoutTensor): ParameterDeclaration => ({ ...tensor, initialise: start(tensor, layers) });
  return [
    ...visionTensors(architecture).map(declare(vision.layers)),
    ...textTensors(architecture, sizes).map(declare(text.layers)),
  ];
}

function start({ name, shape, role }: LayoutTensor, layers: number): Initialiser {
  switch (role) {
    case "gain":
      return ones;
    case "bias":
    case "offset":
      return zeros;
    case "scale":
      return filled(Math.log(1 / 0.07));
    case "embedding":
      return normal(name === "token_embedding.weight" ? 0.02 : shape[0]! ** -0.5);
    case "position":
      return name === "positional_embedding" ? normal(0.01) : gridWaves;
    case "projection":
      return normal(shape[0]! ** -0.5);
    case "matrix":
      return normal(matrixDeviation(name, shape, layers));
  }
}

/** Wavelengths of {@link gridWaves}, in patches, from the shortest to the longest. */
const WAVELENGTHS = [4, 64] as const;

/**
 * Position table [1+g²,D] of a g × g grid: sines and cosines of each patch's column and row, at D/4 wavelengths each; nothing for
 * the class token. As large as what patches say, so that a small model sees from its first step where things are: Beyer et
 * al. 2022, "Better plain ViT baselines for ImageNet-1k".
 */
const gridWaves: Initialiser = (out, _random, shape) => {
  const [tokens, width] = shape as [number, number];
  const side = Math.sqrt(tokens - 1);
  const waves = Math.floor(width / 4);
  const [shortest, longest] = WAVELENGTHS;
  out.fill(0);
  for (let patch = 0; patch < tokens - 1; patch++) {
    const places = [patch % side, Math.floor(patch / side)];
    const row = out.subarray((patch + 1) * width, (patch + 2) * width);
    places.forEach((place, axis) => {
      for (let wave = 0; wave < waves; wave++) {
        const length = shortest * (longest / shortest) ** (wave / Math.max(1, waves - 1));
        row[2 * axis * waves + wave] = Math.sin((2 * Math.PI * place) / length);
        row[(2 * axis + 1) * waves + wave] = Math.cos((2 * Math.PI * place) / length);
      }
    });
  }
};

/** What a block writes to the residual stream starts smaller the deeper the tower is. */
function matrixDeviation(name: string, shape: readonly number[], layers: number): number {
  const [out, ...rest] = shape as [number, ...number[]];
  if (name.endsWith("out_proj.weight") || name.endsWith("c_proj.weight")) return (out * 2 * layers) ** -0.5;
  // Neighbouring pixels are alike, so that their sum is larger than independent ones' would be.
  if (name.endsWith("conv1.weight")) return 0.5 * sizeOf(rest) ** -0.5;
  if (name.endsWith("c_fc.weight")) return (2 * sizeOf(rest)) ** -0.5;
  return sizeOf(rest) ** -0.5;
}

export interface TrainableWeights {
  readonly vision: VisionWeights<Value>;
  readonly text: TextWeights<Value>;
  /** Scalar: log of the factor on cosine similarities. */
  readonly logitScale: Value;
}

/** The parameters as weights of the towers. */
export function trainableWeights(parameters: Parameters): TrainableWeights {
  const names = parameters.names;
  const { vision, text } = openClipTowers<Value>({
    has: (name) => names.includes(name),
    names: () => names,
    take: (name) => parameters.value(name),
    rows: (value, from, to) => slice(value, 0, from, to),
  });
  return { vision, text: text!, logitScale: parameters.value("logit_scale") };
}

/** The factor on cosines never exceeds 100: Radford et al. 2021, section 2.5. */
const LARGEST_LOG_SCALE = Math.log(100);

export interface ContrastiveOptions {
  /**
   * [B,B], 1 where text i is true of picture j and 0 elsewhere, with ones on the diagonal: a text (a picture) is then to find
   * any of its pictures (texts), in equal shares. Without it each finds its own. Yang et al. 2022, "Unified Contrastive
   * Learning in Image-Text-Label Space", equations 2 to 4.
   */
  readonly matches?: Value;
}

/**
 * The symmetric contrastive loss of a batch: image features [B,D] and text features [B,D] (neither normalised) of which row
 * i belongs to row i. Radford et al. 2021, figure 3.
 */
export function contrastiveLoss(
  images: Value,
  texts: Value,
  logitScale: Value,
  { matches }: ContrastiveOptions = {},
): Value {
  const scale = exp(minimum(logitScale, LARGEST_LOG_SCALE));
  const [image, text] = [unitRows(images), unitRows(texts)];
  const byText = mul(matmul(text, image, { transposeB: true }), scale);
  const byImage = mul(matmul(image, text, { transposeB: true }), scale);
  const count = images.shape[0]!;
  if (matches === undefined) {
    const own = constant(
      intTensor(
        Int32Array.from({ length: count }, (_, i) => i),
        [count],
      ),
    );
    return mul(add(crossEntropy(byImage, own), crossEntropy(byText, own)), 0.5);
  }
  return mul(add(sharedLoss(byText, matches), sharedLoss(byImage, transpose(matches, [1, 0]))), 0.5);
}

/** Cross-entropy of logits [B,B] with targets shared equally by the ones of each row. */
function sharedLoss(logits: Value, matches: Value): Value {
  const shares = div(matches, sum(matches, [-1], { keepDims: true }));
  return mul(mean(sum(mul(shares, logSoftmax(logits)), [-1])), -1);
}

/** Rows of x [B,D] divided by their Euclidean norms. */
function unitRows(x: Value): Value {
  return div(x, sqrt(sum(square(x), [-1], { keepDims: true })));
}
