/**
 * The space in which chosen heads speak, with as few numbers per picture as it has dimensions.
 *
 * @file A head's contribution is a fixed map of its d coordinates and the picture's three scalars: d + 3 numbers times a
 * matrix [d+3,D]. Written as a triangle times orthonormal rows, the matrix leaves d + 3 numbers whose inner products, among
 * pictures and with texts, are those of the contributions themselves. So a search needs neither the contributions nor the model.
 */
import { rowFactors } from "../../engine/tensor/qr.js";
import { dot } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import type { Decomposition } from "./decompose.js";
import { headCells, headMaps, headRowLayout, SCALARS } from "./head-rows.js";

/** What is stored of pictures: all that heads say of them. */
export interface HeadRows extends Pick<Decomposition, "head_coordinates" | "head_scalars"> {
  /** Which layers the coordinates are of; all, unless given. */
  readonly layers?: readonly number[];
}

/**
 * How several heads make one vector: `"each"` puts their contributions side by side, so that inner products add up over
 * heads; `"mean"` takes the mean contribution, as CLIP-InterpreT does, where a head also meets the others.
 */
export type Combine = "each" | "mean";

/** A vector to search with. */
export interface Query {
  readonly kind: "image" | "text";
  /** In the coordinates of the space. */
  readonly row: Float32Array;
  /** Length of the vector itself; a text also has a part that no head can speak of. */
  readonly length: number;
}

export class HeadSpace {
  readonly heads: readonly HeadPlace[];
  readonly #blocks: readonly Block[];

  private constructor(heads: readonly HeadPlace[], blocks: readonly Block[]) {
    this.heads = heads;
    this.#blocks = blocks;
  }

  /** Throws `UsageError` for heads that the model has not, a head twice, or none. */
  static async of(clip: Clip, heads: readonly HeadPlace[], combine: Combine = "each"): Promise<HeadSpace> {
    checkHeads(clip, heads);
    const layout = headRowLayout(clip, [...new Set(heads.map(({ layer }) => layer))]);
    const maps = await headMaps(clip, layout);
    const cells = headCells(layout);
    const mapOf = ({ layer, head }: HeadPlace): Float64Array =>
      maps[cells.findIndex((cell) => cell.layer === layer && cell.head === head)]!;
    const groups = combine === "each" ? heads.map((head) => [head]) : [heads];
    return new HeadSpace(
      heads,
      groups.map((group) => blockOf(group, group.map(mapOf), layout.features)),
    );
  }

  /** Numbers per picture. */
  get width(): number {
    return this.#blocks.reduce((sum, { width }) => sum + width, 0);
  }

  /** Pictures in the coordinates of the space, [B,width]. */
  rows({ head_coordinates: coordinates, head_scalars: scalars, layers }: HeadRows): FloatTensor {
    const count = coordinates.shape[0]!;
    const { width } = this;
    const out = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      let at = row * width;
      for (const block of this.#blocks) {
        out.set(project(block, { coordinates, scalars, layers }, row), at);
        at += block.width;
      }
    }
    return floatTensor(out, [count, width]);
  }

  /** A picture among {@link HeadSpace.rows} as a query. */
  imageQuery({ data }: FloatTensor, picture = 0): Query {
    const row = data.subarray(picture * this.width, (picture + 1) * this.width);
    return { kind: "image", row, length: Math.sqrt(dot(row, row)) };
  }

  /** A direction [D] of the shared space, usually a normalised text feature, as a query. */
  textQuery(direction: Float32Array): Query {
    const row = Float32Array.from(this.#blocks.flatMap(({ basis }) => inBasis(basis, direction)));
    // Side by side, the text stands once for each head.
    return { kind: "text", row, length: Math.sqrt(this.#blocks.length * dot(direction, direction)) };
  }
}

/** Heads whose contributions are added up, and their joint map. */
interface Block {
  readonly heads: readonly HeadPlace[];
  readonly width: number;
  /** [heads·(d+3),width] */
  readonly map: Float64Array;
  /** [width,D], orthonormal; undefined where the coordinates are the shared space's own. */
  readonly basis: Float64Array | undefined;
}

/** `maps` [d+3,width] of each of the heads. */
function blockOf(heads: readonly HeadPlace[], maps: readonly Float64Array[], width: number): Block {
  const size = maps[0]!.length;
  const map = new Float64Array(heads.length * size);
  for (const [block, own] of maps.entries()) {
    for (let i = 0; i < size; i++) map[block * size + i] = own[i]! / heads.length;
  }
  const rows = map.length / width;
  // Several heads together may well fill the shared space: nothing is saved by a basis of their own.
  if (heads.length > 1 || rows > width) return { heads, width, map, basis: undefined };
  const { factor, basis } = rowFactors(map, rows);
  return { heads, width: rows, map: factor, basis };
}

interface StoredRows {
  readonly coordinates: FloatTensor;
  readonly scalars: FloatTensor;
  readonly layers: readonly number[] | undefined;
}

function project(
  { heads, width, map }: Block,
  { coordinates: { data, shape }, scalars, layers }: StoredRows,
  picture: number,
): Float64Array {
  const [, stored, perLayer, size] = shape as [number, number, number, number];
  const out = new Float64Array(width);
  let at = 0;
  const add = (value: number): void => {
    for (let j = 0; j < width; j++) out[j]! += value * map[at + j]!;
    at += width;
  };
  for (const { layer, head } of heads) {
    const place = layers === undefined ? layer : layers.indexOf(layer);
    const from = ((picture * stored + place) * perLayer + head) * size;
    for (let i = 0; i < size; i++) add(data[from + i]!);
    for (let i = 0; i < SCALARS; i++) add(scalars.data[picture * SCALARS + i]!);
  }
  return out;
}

function inBasis(basis: Float64Array | undefined, direction: Float32Array): number[] {
  if (basis === undefined) return [...direction];
  const width = direction.length;
  return Array.from({ length: basis.length / width }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += basis[row * width + i]! * direction[i]!;
    return sum;
  });
}
