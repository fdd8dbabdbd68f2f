/**
 * A CLIP in training: parameters under the names of OpenCLIP's layout, and its towers and loss over them.
 *
 * Source: Radford et al. 2021, sections 2.3 to 2.5.
 */
import { add, div, minimum, mul } from "../../engine/graph/ops/arithmetic.js";
import { constant } from "../../engine/graph/ops/leaves.js";
import { crossEntropy } from "../../engine/graph/ops/losses.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { slice, transpose } from "../../engine/graph/ops/shaping.js";
import { exp, sqrt, square } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { intTensor } from "../../engine/tensor/tensor.js";
import type { MatrixGroup } from "../../engine/train/optimisers.js";
import type { ParameterDeclaration, Parameters } from "../../engine/train/parameters.js";
import type { Architecture } from "./architectures.js";
import { openClipTowers } from "./open-clip-layout.js";
import { type TextSizes, textTensors, visionTensors } from "./open-clip-tensors.js";
import { textStart, visionStart } from "./starting-values.js";
import type { TextWeights, VisionWeights } from "./weights.js";

/** Every tensor of the model, in the layout's order, with what it starts from. */
export function clipDeclarations(architecture: Architecture, sizes: TextSizes): ParameterDeclaration[] {
  return [
    ...visionTensors(architecture).map((tensor) => ({ ...tensor, initialise: visionStart(tensor, architecture) })),
    ...textTensors(architecture, sizes).map((tensor) => ({ ...tensor, initialise: textStart(tensor, architecture) })),
  ];
}

/** The blocks' matrices of both towers: what Muon is for. Queries, keys and values are one projection. */
export const CLIP_MATRICES: readonly MatrixGroup[] = [
  { match: /resblocks\.\d+\.attn\.in_proj_weight$/, stacked: 3 },
  { match: /resblocks\.\d+\.(attn\.out_proj|mlp\.c_fc|mlp\.c_proj)\.weight$/ },
];

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

/** Scaled cosines of the rows of a [M,D] and of b [N,D], neither normalised: [M,N]. */
export function cosineLogits(a: Value, b: Value, logitScale: Value): Value {
  const scale = exp(minimum(logitScale, LARGEST_LOG_SCALE));
  return mul(matmul(unitRows(a), unitRows(b), { transposeB: true }), scale);
}

/**
 * The symmetric contrastive loss of a batch: image features [B,D] and text features [B,D] (neither normalised) of which row
 * i belongs to row i. Radford et al. 2021, figure 3.
 */
export function contrastiveLoss(images: Value, texts: Value, logitScale: Value): Value {
  const byImage = cosineLogits(images, texts, logitScale);
  const count = images.shape[0]!;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const own = constant(intTensor(order, [count]));
  return mul(add(crossEntropy(byImage, own), crossEntropy(transpose(byImage, [1, 0]), own)), 0.5);
}

/** Rows of x [B,D] divided by their Euclidean norms. */
function unitRows(x: Value): Value {
  return div(x, sqrt(sum(square(x), [-1], { keepDims: true })));
}
