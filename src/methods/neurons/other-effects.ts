/**
 * What a neuron does beside its second-order effect, to compare: what it writes to the class token itself, and what changes when it is
 * held at its mean and the model runs again.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 3. B pictures,
 * N tokens, F neurons, D width of the shared space. All effects are over the norm of the picture's features, as second-order ones are.
 */
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import { UsageError } from "../../engine/errors.js";
import { dot } from "../../engine/tensor/rows.js";
import { showShape } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { frozenScalars, mlpProjection, project } from "../../models/clip/final-norm.js";
import { checkLayer, checkNeuron } from "./checks.js";

export interface LayerOptions {
  /** Whose neurons, from 0. */
  readonly layer: number;
  /** Pictures per run of the model; default 8. */
  readonly batch?: number;
}

/**
 * [B,F,D]: what each neuron writes to the class token, through the final norm as it is frozen, for pixels [B,3,S,S]. Constants belong to
 * no neuron. Throws `UsageError` for a layer that the model has not.
 */
export async function firstOrderEffects(clip: Clip, pixels: FloatTensor, options: LayerOptions): Promise<FloatTensor> {
  const { layer } = options;
  clip.checkPixels(pixels);
  checkLayer(clip, layer);
  const { effects } = await clip.vision.run(
    `first-order:${layer}`,
    { pixels },
    (graph, batch) => {
      const { blocks, postNorm, projection } = graph.weights;
      const activations = slice(graph.site(postSite(layer)), 1, 0, 1);
      const neurons = activations.shape[2]!;
      const scaled = mul(activations, reshape(frozenScalars(graph).scale, [batch, 1, 1]));
      const directions = project(
        mul(transpose(mlpProjection(blocks[layer]!).weight, [1, 0]), postNorm.gamma),
        projection,
      );
      return { effects: mul(reshape(scaled, [batch, neurons, 1]), directions) };
    },
    batchOf(options),
  );
  return effects;
}

/**
 * Mean activations [N,F] of one layer's neurons at each token, over pixels [B,3,S,S] at a time. Throws {@link UsageError} for no pictures
 * and for a layer that the model has not.
 */
export async function meanActivations(
  clip: Clip,
  pictures: AsyncIterable<FloatTensor>,
  options: LayerOptions,
): Promise<FloatTensor> {
  const { layer } = options;
  checkLayer(clip, layer);
  const { tokens, hidden } = clip.parts.vision;
  const sums = new Float64Array(tokens * hidden);
  let count = 0;
  for await (const pixels of pictures) {
    clip.checkPixels(pixels);
    const { activations } = await clip.vision.run(
      `activations:${layer}`,
      { pixels },
      (graph) => ({ activations: graph.site(postSite(layer)) }),
      batchOf(options),
    );
    activations.data.forEach((value, i) => (sums[i % sums.length]! += value));
    count += pixels.shape[0]!;
  }
  if (count === 0) throw new UsageError({ what: "no mean of no pictures", expected: "1 or more" });
  return floatTensor(
    Float32Array.from(sums, (value) => value / count),
    [tokens, hidden],
  );
}

export interface IndirectOptions extends LayerOptions {
  readonly neurons: readonly number[];
  /** [N,F]: what a neuron is held at, from {@link meanActivations}. */
  readonly means: FloatTensor;
}

/**
 * [B,n,D]: by how much the features change, over their norm, when each of n neurons is held at its mean at every token: features as they
 * are, less those then. Runs the model once for each neuron. Throws {@link UsageError} for a layer or neuron that the model has not, and
 * for means of another shape.
 */
export async function indirectEffects(clip: Clip, pixels: FloatTensor, options: IndirectOptions): Promise<FloatTensor> {
  const { layer, neurons, means } = options;
  checkLayer(clip, layer);
  for (const neuron of neurons) checkNeuron(clip, neuron);
  const { tokens, hidden } = clip.parts.vision;
  if (showShape(means.shape) !== showShape([tokens, hidden])) {
    throw new UsageError({
      what: "means do not fit the layer",
      where: clip.parts.ref,
      got: showShape(means.shape),
      expected: `[${tokens},${hidden}], from \`meanActivations\``,
    });
  }
  const whole = await clip.encodeImage(pixels);
  const [count, width] = whole.shape as [number, number];
  await using held = clip.edit({
    [postSite(layer)]: (activations) => {
      const chosen = input("chosen", [hidden]);
      return add(mul(activations, sub(1, chosen)), mul(input("means", means.shape), chosen));
    },
  });
  const changes = new Float32Array(count * neurons.length * width);
  for (const [column, neuron] of neurons.entries()) {
    const chosen = floatTensor(new Float32Array(hidden), [hidden]);
    chosen.data[neuron] = 1;
    const { features } = await held.vision.run("indirect", { pixels }, ({ features }) => ({ features }), {
      ...batchOf(options),
      shared: { chosen, means },
    });
    for (let row = 0; row < count; row++) {
      const own = whole.data.subarray(row * width, (row + 1) * width);
      const norm = Math.sqrt(dot(own, own));
      const at = (row * neurons.length + column) * width;
      own.forEach((value, i) => (changes[at + i] = (value - features.data[row * width + i]!) / norm));
    }
  }
  return floatTensor(changes, [count, neurons.length, width]);
}

const postSite = (layer: number): string => `visual.blocks.${layer}.mlp.post`;

const batchOf = ({ batch }: LayerOptions): { readonly batch?: number } => (batch === undefined ? {} : { batch });
