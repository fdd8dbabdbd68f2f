/**
 * What a CLIP's parameters start from.
 *
 * Source: OpenAI's `initialize_parameters` (Radford et al. 2021), but for three starts that let a small vision tower learn from
 * a hundred times fewer pictures: whitened patches, clean places, and heads that look at neighbours.
 */
import { sizeOf } from "../../engine/tensor/shape.js";
import { filled, type Initialiser, normal, ones, zeros } from "../../engine/train/initialise.js";
import type { Architecture, TowerSizes } from "./architectures.js";
import type { LayoutTensor } from "./open-clip-tensors.js";
import { patchFilters } from "./patch-filters.js";

/** Of a tensor of the vision tower. */
export function visionStart(tensor: LayoutTensor, { vision }: Architecture): Initialiser {
  const { name, role } = tensor;
  if (role === "position") return gridWaves(placeDimensions(vision));
  if (name.endsWith("conv1.weight")) return patchFilters(vision.width - placeDimensions(vision));
  const layer = /resblocks\.(\d+)\.attn\.in_proj_weight$/.exec(name)?.[1];
  if (layer !== undefined && Number(layer) < vision.layers - CONTENT_LAYERS)
    return neighbourHeads(vision, Number(layer));
  return plainStart(tensor, vision.layers);
}

/** Of a tensor of the text tower, and of the scale. */
export function textStart(tensor: LayoutTensor, { text }: Architecture): Initialiser {
  return tensor.role === "position" ? normal(0.01) : plainStart(tensor, text.layers);
}

function plainStart({ name, shape, role }: LayoutTensor, layers: number): Initialiser {
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
    case "projection":
      return normal(shape[0]! ** -0.5);
    case "matrix":
      return normal(matrixDeviation(name, shape, layers));
  }
}

/** What a block writes to the residual stream starts smaller the deeper the tower is. */
function matrixDeviation(name: string, shape: readonly number[], layers: number): number {
  const [out, ...rest] = shape as [number, ...number[]];
  if (name.endsWith("out_proj.weight") || name.endsWith("c_proj.weight")) return (out * 2 * layers) ** -0.5;
  if (name.endsWith("c_fc.weight")) return (2 * sizeOf(rest)) ** -0.5;
  return sizeOf(rest) ** -0.5;
}

/** Wavelengths of places, in patches, from the shortest to the longest. */
const WAVELENGTHS = [4, 64] as const;

function wavelength(wave: number, waves: number): number {
  const [shortest, longest] = WAVELENGTHS;
  return shortest * (longest / shortest) ** (wave / Math.max(1, waves - 1));
}

/** Sine and cosine for each axis: as many as a head can compare. They take the last dimensions; patches have the others. */
function placeDimensions({ width, heads }: TowerSizes): number {
  return 4 * wavesOf({ width, heads });
}

function wavesOf({ width, heads }: Pick<TowerSizes, "width" | "heads">): number {
  return Math.floor(width / heads / 4);
}

/**
 * Position table [1+g²,D] of a g × g grid: in its last dimensions sines and cosines of each patch's column, then of its row;
 * nothing for the class token. As large as what patches say: Beyer et al. 2022, "Better plain ViT baselines for ImageNet-1k".
 */
function gridWaves(dimensions: number): Initialiser {
  const waves = dimensions / 4;
  return (out, _random, shape) => {
    const [tokens, width] = shape as [number, number];
    const side = Math.sqrt(tokens - 1);
    out.fill(0);
    for (let patch = 0; patch < tokens - 1; patch++) {
      const row = out.subarray((patch + 2) * width - dimensions, (patch + 2) * width);
      [patch % side, Math.floor(patch / side)].forEach((place, axis) => {
        for (let wave = 0; wave < waves; wave++) {
          const angle = (2 * Math.PI * place) / wavelength(wave, waves);
          row[2 * axis * waves + wave] = Math.sin(angle);
          row[(2 * axis + 1) * waves + wave] = Math.cos(angle);
        }
      });
    }
  };
}

/** The last layers look where contents say, from the start. */
const CONTENT_LAYERS = 2;
/** How much a head prefers the patch it looks at: factors of queries and of keys. */
const SHARPNESS = 1.7;
/** Columns and rows from a patch to the patch a head looks at, by turns in even and in odd layers. */
const NEIGHBOURS = [
  [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ],
  [
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ],
] as const;

/**
 * Queries, keys and values [3D,D] of which the first four heads look at one neighbour each, as a convolution's kernel does;
 * the other heads start as usual. A key is a patch's place, a query the place turned on by the way to the neighbour.
 * Zheng et al. 2024, "Structured Initialization for Attention in Vision Transformers", by sines instead of a solved system.
 */
function neighbourHeads({ width, heads }: TowerSizes, layer: number): Initialiser {
  const waves = wavesOf({ width, heads });
  const headWidth = width / heads;
  const places = width - 4 * waves;
  const usual = normal(width ** -0.5);
  return (out, random, shape) => {
    usual(out, random, shape);
    for (const [head, way] of NEIGHBOURS[layer % 2]!.slice(0, heads - 1).entries()) {
      const query = head * headWidth;
      const key = width + query;
      out.fill(0, query * width, (query + headWidth) * width);
      out.fill(0, key * width, (key + headWidth) * width);
      way.forEach((steps, axis) => {
        for (let wave = 0; wave < waves; wave++) {
          const angle = (2 * Math.PI * steps) / wavelength(wave, waves);
          const [sine, cosine] = [2 * axis * waves + wave, (2 * axis + 1) * waves + wave];
          const set = (row: number, place: number, value: number): void => {
            out[row * width + places + place] = SHARPNESS * value;
          };
          set(key + sine, sine, 1);
          set(key + cosine, cosine, 1);
          set(query + sine, sine, Math.cos(angle));
          set(query + sine, cosine, Math.sin(angle));
          set(query + cosine, cosine, Math.cos(angle));
          set(query + cosine, sine, -Math.sin(angle));
        }
      });
    }
  };
}
