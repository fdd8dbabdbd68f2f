/**
 * Zero-shot segmentation: the patches whose contributions speak for a text.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, "Interpreting CLIP's Image Representation via Text-Based Decomposition",
 * section 4, and its reference implementation. B pictures, L layers, H heads, T texts, g patches and S pixels on a side.
 */
import { mul } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { dotRows, normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip, VisionConfig } from "../../models/clip/clip.js";
import { frozenScalars, type VisionGraph } from "../../models/clip/final-norm.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { readLayers, readout } from "../../models/clip/readout.js";
import { contrasts } from "./attribution.js";
import { collectLayers } from "./collect.js";
import { checkEdits } from "./edits.js";
import { textMaps, textWrites } from "./tokens.js";

export { type PatchLayout, segmentation, type Segmentation } from "./segmentation-map.js";

export interface HeatOptions {
  /** Whose contributions to add up; all heads of all layers by default. */
  readonly heads?: readonly HeadPlace[];
  /** Pictures per run of the model; default 8. */
  readonly batch?: number;
}

/**
 * How much each patch speaks for each direction, [B,T,g,g], of pixels [B,3,S,S]. Directions are [T,D], such as
 * `contrasts(texts)`, or [B,T,D] for directions of each picture's own. Over all heads, the heat of the patches is their part
 * of the dot product with the direction; the rest is the class token's own and the MLPs'. Costs 2·L·N·D operations a picture
 * and direction on top of encoding the picture.
 *
 * Throws `PixelShapeError`, `UnattributableEditError`, and `UsageError` for heads that the model has not, or one twice.
 */
export async function segmentationHeat(
  clip: Clip,
  pixels: FloatTensor,
  directions: FloatTensor,
  { heads, batch }: HeatOptions = {},
): Promise<FloatTensor> {
  clip.checkPixels(pixels);
  const chosen = headChoice(clip, heads);
  const own = directions.shape.length === 3;
  const shape = directions.shape.slice(-2);
  const { heat } = await clip.vision.run(
    `segmentation:${own}:${shape[0]!}`,
    { pixels, ...(own && { directions }) },
    (graph, count) => ({
      heat: heatOf(
        graph,
        input("directions", own ? [count, ...shape] : shape),
        input("chosen", chosen.shape),
        clip.parts.vision,
      ),
    }),
    { shared: { chosen, ...(!own && { directions }) }, ...(batch === undefined ? {} : { batch }) },
  );
  return heat;
}

/**
 * The heat of {@link segmentationHeat} for each head by itself, [B,T,L,H,P] (P = g·g patches, row by row), of directions [T,D]; over
 * all heads it adds up to that heat. Throws as it does.
 */
export async function headHeat(
  clip: Clip,
  pixels: FloatTensor,
  directions: FloatTensor,
  { batch }: Pick<HeatOptions, "batch"> = {},
): Promise<FloatTensor> {
  clip.checkPixels(pixels);
  const { prefix } = clip.parts.vision;
  const { heat } = await clip.vision.run(
    `head-heat:${directions.shape[0]!}`,
    { pixels },
    (graph) => {
      const maps = mapsOf(graph, input("directions", directions.shape));
      return { heat: transpose(slice(maps, 3, prefix, maps.shape[3]!), [0, 4, 1, 2, 3]) };
    },
    { shared: { directions }, ...(batch === undefined ? {} : { batch }) },
  );
  return heat;
}

export interface PredictedHeat {
  /** For each picture, the class that is nearest to it. */
  readonly classes: readonly number[];
  /** For this class against the others, [B,1,g,g]. */
  readonly heat: FloatTensor;
}

/**
 * The heat of each picture for the class that the model itself gives it, of unit directions [C,D] of the classes. Two passes
 * of the model, however many classes there are. Throws as {@link segmentationHeat}.
 */
export async function predictedHeat(
  clip: Clip,
  pixels: FloatTensor,
  directions: FloatTensor,
  options: HeatOptions = {},
): Promise<PredictedHeat> {
  const classes = predictedClasses(await clip.encodeImage(pixels), directions);
  const own = rowsFor(contrasts(directions), classes);
  return { classes, heat: await segmentationHeat(clip, pixels, own, options) };
}

/** For each row of image features [B,D], the unit direction [C,D] nearest to it. */
export function predictedClasses(features: FloatTensor, directions: FloatTensor): number[] {
  const { data, shape } = dotRows(normaliseRows(features), directions);
  const [pictures, count] = shape as [number, number];
  return Array.from({ length: pictures }, (_, picture) => {
    const row = data.subarray(picture * count, (picture + 1) * count);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/** Rows of directions [C,D], one for each picture: [B,1,D]. */
export function rowsFor({ data, shape }: FloatTensor, rows: readonly number[]): FloatTensor {
  const width = shape[1]!;
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return floatTensor(out, [rows.length, 1, width]);
}

/** [L,H]: 1 for heads that are asked for. */
function headChoice(clip: Clip, heads: readonly HeadPlace[] | undefined): FloatTensor {
  const { heads: perLayer } = clip.parts.vision;
  const layers = readLayers(clip.parts.vision);
  const chosen = new Float32Array(layers * perLayer).fill(heads === undefined ? 1 : 0);
  if (heads !== undefined) checkHeads(clip, heads);
  for (const { layer, head } of heads ?? []) chosen[layer * perLayer + head] = 1;
  return floatTensor(chosen, [layers, perLayer]);
}

function heatOf(graph: VisionGraph, directions: Value, chosen: Value, { prefix, grid }: VisionConfig): Value {
  const maps = mapsOf(graph, directions);
  const [batch, layers, heads, tokens, count] = maps.shape as [number, number, number, number, number];
  const overHeads = sum(mul(maps, reshape(chosen, [1, layers, heads, 1, 1])), [1, 2]);
  return reshape(transpose(slice(overHeads, 1, prefix, tokens), [0, 2, 1]), [batch, count, grid, grid]);
}

/** [B,L,H,N,T] */
function mapsOf(graph: VisionGraph, directions: Value): Value {
  checkEdits(graph, true);
  const read = readout(graph);
  const { texts } = collectLayers({ texts: textWrites(read, directions) });
  return textMaps(texts, frozenScalars(graph), read, directions);
}
