/**
 * Second-order effects: what a neuron writes, as the attention heads of later layers carry it to the class token.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 3. With
 * attention maps and layer norms frozen at the values of this forward pass, the effect of neuron n is
 *
 *     φ_n = 1/(s‖f‖) · Σ over later heads of c_n · D_n,    c_n = Σ_i a_i p_i,n / σ_i
 *
 * a the class token's attention to token i, p the neuron's activation there, σ of the head's layer norm, s of the final one. The
 * directions D do not depend on the picture, so they are computed once, and a picture costs one small matrix product a neuron.
 * Letters: B pictures, L layers, H heads, N tokens, d head width, D width, F neurons, K = H · (later layers), d_out shared width.
 */
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { linear, matmul } from "../../engine/graph/ops/matmul.js";
import { mean, sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { UsageError } from "../../engine/errors.js";
import { compile } from "../../engine/runtime/compile.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import type { RunOptions } from "../../models/clip/tower.js";
import type { BlockWeights, VisionWeights } from "../../models/clip/weights.js";
import {
  contribute,
  frozenScalars,
  mlpProjection,
  outputProjection,
  projectionMatrix,
  termCount,
  type VisionGraph,
} from "../../models/clip/final-norm.js";
import { requireClassToken } from "../../models/clip/readout.js";

/**
 * How constants (biases, means) are shared out. `"clean"` gives neurons none. `"reference"` gives each neuron an equal share, as
 * the public implementation does: the same vector for all neurons of a layer, another one for each picture.
 */
export type Bookkeeping = "clean" | "reference";

export interface NeuronEffectOptions {
  /** Whose neurons, from 0; the last layer has no later heads. */
  readonly layer: number;
  readonly bookkeeping?: Bookkeeping;
  /** Pictures per run of the model; default 8. */
  readonly batch?: number;
}

/** Computes effects of one layer's neurons; holds their directions [F,K,d_out] until it is let go. */
export class NeuronEffects {
  readonly #clip: Clip;
  readonly #layer: number;
  readonly #directions: FloatTensor;

  private constructor(clip: Clip, layer: number, directions: FloatTensor) {
    this.#clip = clip;
    this.#layer = layer;
    this.#directions = directions;
  }

  /** Throws `UsageError` for a layer that the model has not, or that no head follows; `MissingPartError` without a class token. */
  static async of(clip: Clip, layer: number): Promise<NeuronEffects> {
    requireClassToken(clip);
    const { layers } = clip.parts.vision;
    if (!(Number.isInteger(layer) && layer >= 0 && layer < layers - 1)) {
      throw new UsageError({
        what: "no second-order effects of this layer's neurons",
        where: clip.parts.ref,
        got: `layer ${layer}`,
        expected: layers > 1 ? `a whole number from 0 to ${layers - 2}` : "a model of two layers or more",
        fix: "choose a layer that heads follow",
      });
    }
    const { weights } = clip.vision.graph();
    await using program = await compile(
      { directions: neuronDirections(weights, layer, clip.parts.vision.heads) },
      { device: clip.device },
    );
    const { directions } = await program.run({});
    return new NeuronEffects(clip, layer, directions as FloatTensor);
  }

  get clip(): Clip {
    return this.#clip;
  }

  get layer(): number {
    return this.#layer;
  }

  /** [F,K,d_out]: effects are coefficients times these. */
  get directions(): FloatTensor {
    return this.#directions;
  }

  /** [B,F,d_out], each effect divided by the norm of the picture's features, of pixels [B,3,S,S]. */
  async effects(
    pixels: FloatTensor,
    { bookkeeping = "clean", batch }: Omit<NeuronEffectOptions, "layer"> = {},
  ): Promise<FloatTensor> {
    const layer = this.#layer;
    const directions = this.#directions;
    const { neuron_effects } = await this.run(
      bookkeeping,
      pixels,
      (coefficients, graph) => {
        const effects = effectsOf(coefficients, input("directions", directions.shape));
        const constants = bookkeeping === "clean" ? undefined : sharedConstants(graph, layer);
        return { neuron_effects: constants === undefined ? effects : add(effects, constants) };
      },
      { shared: { directions }, ...(batch === undefined ? {} : { batch }) },
    );
    return neuron_effects;
  }

  /**
   * Computes what `extend` makes of the coefficients [B,K,F]: all that an effect has of a picture. Results are [B,…];
   * `key` names the extension among those of this class.
   */
  run<Name extends string>(
    key: string,
    pixels: FloatTensor,
    extend: (coefficients: Value, graph: VisionGraph) => Record<Name, Value>,
    options: RunOptions = {},
  ): Promise<Record<Name, FloatTensor>> {
    this.#clip.checkPixels(pixels);
    const layer = this.#layer;
    return this.#clip.vision.run(
      `neurons:${layer}:${key}`,
      { pixels },
      (graph) => extend(coefficientsOf(graph, layer), graph),
      options,
    );
  }
}

/** As {@link NeuronEffects.effects}, of one set of pictures. */
export async function neuronEffects(
  clip: Clip,
  pixels: FloatTensor,
  { layer, ...options }: NeuronEffectOptions,
): Promise<FloatTensor> {
  return (await NeuronEffects.of(clip, layer)).effects(pixels, options);
}

/** Where each later head takes what each neuron writes: [F,K,d_out], the earliest layer's heads first. */
function neuronDirections(weights: VisionWeights<Value>, layer: number, heads: number): Value {
  const { weight: written } = mlpProjection(weights.blocks[layer]!);
  const neurons = transpose(written, [1, 0]);
  const [count] = neurons.shape as [number];
  const perLayer = weights.blocks.slice(layer + 1).map((block) => {
    const values = matmul(mul(neurons, block.norm1.gamma), block.v.weight, { transposeB: true });
    const perHead = transpose(reshape(values, [count, heads, values.shape[1]! / heads]), [1, 0, 2]);
    return transpose(matmul(perHead, headOutputs(block, weights, heads)), [1, 0, 2]);
  });
  return perLayer.length === 1 ? perLayer[0]! : concat(perLayer, 1);
}

/** From a head's values to the shared space, but for the final norm's statistics: [H,d,d_out]. */
function headOutputs(block: BlockWeights<Value>, weights: VisionWeights<Value>, heads: number): Value {
  const { weight } = outputProjection(block);
  const final = mul(projectionMatrix(weights.projection), reshape(weights.postNorm.gamma, [weight.shape[0]!, 1]));
  const outputs = matmul(transpose(weight, [1, 0]), final);
  return reshape(outputs, [heads, outputs.shape[0]! / heads, outputs.shape[1]!]);
}

/** c/(s‖f‖) of every later head, the earliest layer's first: [B,K,F]. */
function coefficientsOf(graph: VisionGraph, layer: number): Value {
  const activations = graph.site(`visual.blocks.${layer}.mlp.post`);
  const carried = laterLayers(graph, layer).map((later) => matmul(frozenAttention(graph, later), activations));
  const coefficients = carried.length === 1 ? carried[0]! : concat(carried, 1);
  return mul(coefficients, reshape(frozenScalars(graph).scale, [coefficients.shape[0]!, 1, 1]));
}

/** [B,F,d_out]: for each neuron one product of coefficients [B,K,F] with its directions. */
function effectsOf(coefficients: Value, directions: Value): Value {
  return transpose(matmul(transpose(coefficients, [2, 0, 1]), directions), [1, 0, 2]);
}

/** The class token's attention to each token over this token's σ: [B,H,N]. */
function frozenAttention(graph: VisionGraph, layer: number): Value {
  const pattern = graph.site(`visual.blocks.${layer}.attn.pattern`);
  const [batch, heads, , tokens] = pattern.shape as [number, number, number, number];
  const ofClass = reshape(slice(pattern, 2, 0, 1), [batch, heads, tokens]);
  return mul(ofClass, reshape(graph.site(`visual.blocks.${layer}.norm1.scale`), [batch, 1, tokens]));
}

/** Each neuron's equal share of all biases and means on the way: [B,1,d_out]. */
function sharedConstants(graph: VisionGraph, layer: number): Value {
  const { weights } = graph;
  const scalars = frozenScalars(graph);
  const { weight: written, bias } = mlpProjection(weights.blocks[layer]!);
  const neurons = written.shape[1]!;
  const shares = laterLayers(graph, layer).map((later) => {
    const { norm1, v, out } = { ...weights.blocks[later]!, out: outputProjection(weights.blocks[later]!) };
    const attention = frozenAttention(graph, later);
    const [batch, heads, tokens] = attention.shape as [number, number, number];
    // The residual stream before this block is a sum of so many terms, each of as many neurons' parts.
    const parts = termCount(later) * neurons;
    const means = reshape(mean(graph.site(`visual.blocks.${later}.resid_pre`), [2]), [batch, 1, tokens]);
    const perHead = (x: Value): Value => reshape(x, [1, heads, x.shape[1]! / heads]);
    const values = (x: Value): Value => perHead(matmul(reshape(x, [1, x.shape[0]!]), v.weight, { transposeB: true }));
    const ofBias = mul(values(mul(bias, norm1.gamma)), 1 / neurons);
    const ofMean = mul(values(norm1.gamma), 1 / parts);
    const ofOffset = mul(perHead(linear(reshape(norm1.beta, [1, norm1.beta.shape[0]!]), v.weight, v.bias)), 1 / parts);
    const mixed = sub(
      mul(sum(attention, [2], { keepDims: true }), ofBias),
      mul(sum(mul(attention, means), [2], { keepDims: true }), ofMean),
    );
    const head = reshape(add(mixed, ofOffset), [batch, 1, v.weight.shape[0]!]);
    const wrote = add(matmul(head, out.weight, { transposeB: true }), mul(out.bias, 1 / parts));
    return contribute(wrote, 1 / (parts * termCount(weights.blocks.length)), scalars, weights);
  });
  return shares.reduce((total, share) => add(total, share));
}

function laterLayers({ weights }: VisionGraph, layer: number): number[] {
  return Array.from({ length: weights.blocks.length - layer - 1 }, (_, i) => layer + 1 + i);
}
