/** What a mean ablation takes out of a model's answer, and the values of all components that it may take. */
import { UsageError } from "../../engine/errors.js";
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { Clip } from "../../models/clip/clip.js";
import { frozenScalars, packScalars, type VisionGraph } from "../../models/clip/final-norm.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { type ReadLayer, readLayers, readout } from "../../models/clip/readout.js";
import { collectLayers } from "./collect.js";
import { headContributions, headCoordinates, mlpContributions } from "./coordinates.js";

/** What is held at its mean over a set of pictures; layers count from 0. */
export interface Ablation {
  readonly name: string;
  readonly heads?: readonly HeadPlace[];
  /** Layers in which only what the class token took from itself is held, in all heads. */
  readonly selves?: readonly number[];
  readonly mlps?: readonly number[];
  /** The stream's start: class and position embedding. */
  readonly start?: boolean;
  /** Heads that keep what some texts say of them (see `Reconstruction`), by name, and lose the rest. */
  readonly reconstructed?: { readonly heads: readonly HeadPlace[]; readonly by: string };
}

/** Where a component's values stand among those of all: [heads, what heads took from the class token itself, start and MLPs]. */
export class ComponentLayout {
  readonly layers: number;
  readonly heads: number;
  readonly reconstructions: readonly string[];

  constructor(clip: Clip, reconstructions: readonly string[] = []) {
    this.layers = readLayers(clip.parts.vision);
    this.heads = clip.parts.vision.heads;
    this.reconstructions = reconstructions;
  }

  /** Components that add up to the answer. */
  get parts(): number {
    return 2 * this.#cells + this.layers + 1;
  }

  /** All components: a head's reconstructions come after the parts. */
  get count(): number {
    return this.parts + this.reconstructions.length * this.#cells;
  }

  get #cells(): number {
    return this.layers * this.heads;
  }

  head({ layer, head }: HeadPlace): number {
    return layer * this.heads + head;
  }

  self(place: HeadPlace): number {
    return this.#cells + this.head(place);
  }

  /** Of layer -1: the stream's start. */
  mlp(layer: number): number {
    return 2 * this.#cells + layer + 1;
  }

  /** Throws a RangeError for a name that is none of the reconstructions. */
  reconstruction(name: string, place: HeadPlace): number {
    if (!this.reconstructions.includes(name)) throw new RangeError(`no reconstruction "${name}"`);
    return this.parts + this.reconstructions.indexOf(name) * this.#cells + this.head(place);
  }

  /** 1 for every component of the answer as it is: heads, start and MLPs. */
  whole(): Float32Array {
    const row = new Float32Array(this.count);
    row.fill(1, 0, this.#cells);
    row.fill(1, 2 * this.#cells, this.parts);
    return row;
  }

  /** How often each component's difference from its mean is added to the answer: -1 for what is held at the mean. */
  changes({ heads = [], selves = [], mlps = [], start = false, reconstructed }: Ablation): Float32Array {
    const row = new Float32Array(this.count);
    for (const place of [...heads, ...(reconstructed?.heads ?? [])]) row[this.head(place)] = -1;
    for (const place of reconstructed?.heads ?? []) row[this.reconstruction(reconstructed!.by, place)] = 1;
    for (const layer of selves) {
      for (let head = 0; head < this.heads; head++) {
        // A head at its mean has nothing of itself left to take away.
        if (row[this.head({ layer, head })] === 0) row[this.self({ layer, head })] = -1;
      }
    }
    for (const layer of mlps) row[this.mlp(layer)] = -1;
    if (start) row[this.mlp(-1)] = -1;
    return row;
  }
}

/** Throws {@link UsageError} for heads and layers that the model has not, and for a head that is both held and reconstructed. */
export function checkAblation(clip: Clip, { name, heads = [], selves = [], mlps = [], reconstructed }: Ablation): void {
  const all = [...heads, ...(reconstructed?.heads ?? [])];
  if (all.length > 0) checkHeads(clip, all);
  const layers = readLayers(clip.parts.vision);
  const odd = [...selves, ...mlps].find((layer) => !(Number.isInteger(layer) && layer >= 0 && layer < layers));
  if (odd === undefined) return;
  throw new UsageError({ what: "no such layer", where: name, got: String(odd), expected: `0 to ${layers - 1}` });
}

/**
 * Dot products [B,K,C] of every component's contribution with class directions [C,D]; `maps` [L·H,D,C] give the heads'
 * reconstructions. All shares of biases and means are as in `decompose`: heads, start and MLPs add up to the cosine.
 */
export function componentLogits(graph: VisionGraph, classes: Value, maps: readonly Value[]): Value {
  const read = readout(graph);
  const collected = collectLayers({
    z: read.layers.map(({ z }) => z),
    selves: read.layers.map(ofFirstToken),
    mlps: read.layers.map(({ mlp }) => mlp),
  });
  const scalars = frozenScalars(graph);
  const packed = packScalars(scalars);
  const contributions = (outputs: Value): Value => headContributions(headCoordinates(outputs, scalars), packed, read);
  const whole = contributions(collected.z);
  // Of a head's constants, each source token has an equal share.
  const constants = contributions(mul(collected.z, 0));
  const tokens = read.layers[0]!.values.shape[2]!;
  const own = sub(contributions(collected.selves), mul(constants, 1 - 1 / tokens));
  const [batch, layers, heads, width] = whole.shape as [number, number, number, number];
  const flat = (value: Value): Value => reshape(value, [batch, layers * heads, width]);
  const parts = matmul(concat([flat(whole), flat(own), mlpContributions(collected.mlps, scalars, read)], 1), classes, {
    transposeB: true,
  });
  const perHead = transpose(flat(whole), [1, 0, 2]);
  return concat([parts, ...maps.map((map) => transpose(matmul(perHead, map), [1, 0, 2]))], 1);
}

/** What each head gathers from the first token, which is the class token: [B,H,d]. */
function ofFirstToken({ attention, values }: ReadLayer): Value {
  const [batch, heads, , width] = values.shape as [number, number, number, number];
  const first = (x: Value): Value => slice(x, 2, 0, 1);
  return reshape(mul(first(values), first(attention)), [batch, heads, width]);
}

/** Answers [B,R,C] of R ablations from components [B,K,C]: each picture's own, with what is held at the mean exchanged. */
export function ablatedLogits(components: Value, weights: Value, offsets: Value): Value {
  return add(matmul(weights, components), offsets);
}
