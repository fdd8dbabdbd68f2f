/**
 * Where on a picture a set of neurons is active, and the part of it that this marks.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 6.
 */
import { UsageError } from "../../engine/errors.js";
import { add } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { reshape, slice } from "../../engine/graph/ops/shaping.js";
import { upsample } from "../../engine/media/upsample.js";
import { dotRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkLayer, checkNeuron } from "./checks.js";

export interface Neuron {
  readonly layer: number;
  readonly neuron: number;
}

/** The paper's number of neurons for a map. */
const NEURONS = 200;

/**
 * The neurons of all given layers whose directions [F,D] lie most along a text [1,D], or against it: `along` is their dot product.
 * `directions` of `neuronStatistics`, by layer.
 */
export function neuronsAlong(
  directions: ReadonlyMap<number, FloatTensor>,
  text: FloatTensor,
  count = NEURONS,
): (Neuron & { readonly along: number })[] {
  return [...directions]
    .flatMap(([layer, rows]) => Array.from(dotRows(rows, text).data, (along, neuron) => ({ layer, neuron, along })))
    .sort((a, b) => Math.abs(b.along) - Math.abs(a.along))
    .slice(0, count);
}

/**
 * Mean activations of the neurons at each patch, [B,g,g] for pixels [B,3,S,S]. Throws {@link UsageError} for no neurons, and for some that
 * the model has not.
 */
export async function neuronMaps(
  clip: Clip,
  pixels: FloatTensor,
  neurons: readonly Neuron[],
  { batch }: { readonly batch?: number } = {},
): Promise<FloatTensor> {
  clip.checkPixels(pixels);
  if (neurons.length === 0) throw new UsageError({ what: "no map of no neurons", expected: "1 or more" });
  const { hidden, grid, prefix } = clip.parts.vision;
  const shared: Record<string, FloatTensor> = {};
  for (const { layer, neuron } of neurons) {
    checkLayer(clip, layer);
    checkNeuron(clip, neuron);
    const chosen = (shared[`layer ${layer}`] ??= floatTensor(new Float32Array(hidden), [hidden, 1]));
    chosen.data[neuron]! += 1 / neurons.length;
  }
  const layers = [...new Set(neurons.map(({ layer }) => layer))].sort((a, b) => a - b);
  const { maps } = await clip.vision.run(
    `neuron-maps:${layers.join(",")}`,
    { pixels },
    (graph, size) => {
      const sums = layers.map((layer) => {
        const activations = graph.site(`visual.blocks.${layer}.mlp.post`);
        return matmul(slice(activations, 1, prefix, activations.shape[1]!), input(`layer ${layer}`, [hidden, 1]));
      });
      return {
        maps: reshape(
          sums.reduce((total, layer) => add(total, layer)),
          [size, grid, grid],
        ),
      };
    },
    { shared, ...(batch === undefined ? {} : { batch }) },
  );
  return maps;
}

export interface Foreground {
  /** The map at every pixel, from 0 to 1, [side,side]; zeros where it is the same everywhere. */
  readonly strengths: Float32Array;
  /** 1 where it is over one half, [side,side]. */
  readonly mask: Uint8Array;
}

/** A map [g,g] laid over a picture of `side` × `side` pixels. */
export function neuronForeground(map: Float32Array, side: number): Foreground {
  const grid = Math.sqrt(map.length);
  const fine = upsample(map, { height: grid, width: grid }, { height: side, width: side }, "bilinear");
  const [low, high] = fine.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)] as const, [
    Infinity,
    -Infinity,
  ] as const);
  const strengths = fine.map((x) => (high > low ? (x - low) / (high - low) : 0));
  return { strengths, mask: Uint8Array.from(strengths, (x) => Number(x > 0.5)) };
}
