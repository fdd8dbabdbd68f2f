/** Does the heat of a text lie where the thing is? Measured on scenes, whose masks are exact, beside baselines and controls. */
import type { Random } from "../../engine/tensor/random.js";
import { stackRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { renderScene, sampleScene, sceneTruth, SHAPES } from "../../worlds/scenes/index.js";
import { attributeClasses } from "../scene-classes.js";
import { contrasts } from "./attribution.js";
import { predictedClasses, rowsFor, segmentation, type Segmentation, segmentationHeat } from "./segmentation.js";
import { attentionRollout, gradCam, rawAttention } from "./segmentation-baselines.js";
import { type MethodFigures, type SceneScore, tabulate } from "./segmentation-figures.js";
import { scoreSegmentation } from "./segmentation-metrics.js";

export interface EvaluateSegmentationOptions {
  /** Scenes; default 300. */
  readonly count?: number;
  /** Of the scenes, of the random maps and of the intervals; default 0. No recipe trains on these scenes. */
  readonly seed?: number;
  /** The least and the most objects in a scene; default 1 and 4. */
  readonly objects?: readonly [min: number, max: number];
  /**
   * What the maps are for: a shape that is in the scene (the default), or the shape that the model finds nearest, right or
   * wrong. The mask is that of all objects of the scene's shape in either case.
   */
  readonly shape?: "given" | "predicted";
  /** Called with the number of scenes done. */
  readonly onProgress?: (done: number) => void;
}

export interface SegmentationEvaluation {
  readonly scenes: number;
  readonly seed: number;
  readonly objects: readonly [min: number, max: number];
  readonly shape: "given" | "predicted";
  /** Share of pictures whose nearest shape is the one in question. */
  readonly recognised: number;
  /** Share of pixels that are foreground. */
  readonly foreground: number;
  /** The decomposition first. */
  readonly rows: readonly MethodFigures[];
}

const KINDS = {
  decomposition: "method",
  "decomposition, text alone": "baseline",
  "raw attention": "baseline",
  "attention rollout": "baseline",
  GradCAM: "baseline",
  "decomposition, a shape not there": "control",
  "random map": "control",
  "all foreground": "control",
} as const satisfies Record<string, MethodFigures["kind"]>;
type Method = keyof typeof KINDS;

/** Pictures in memory at a time. */
const CHUNK = 64;

/**
 * Segments `count` scenes with a CLIP and scores the maps, as {@link segmentation} makes them, by the scenes' own masks. Heat
 * is that of a shape's prompts against those of the mean of all other shapes. Means something for models that know scenes,
 * such as `clip-scenes`. Throws `MissingPartError` for a CLIP that cannot read texts.
 */
export async function evaluateSegmentation(
  clip: Clip,
  { count = 300, seed = 0, objects = [1, 4], shape = "given", onProgress }: EvaluateSegmentationOptions = {},
): Promise<SegmentationEvaluation> {
  const random = seeded(seed, "segmentation", "scenes");
  const noise = seeded(seed, "segmentation", "noise");
  const directions = (await attributeClasses((texts) => clip.encodeText(texts), "shape")).directions;
  const scores = new Map<Method, SceneScore[]>();
  let recognised = 0;
  for (let start = 0; start < count; start += CHUNK) {
    const samples = Array.from({ length: Math.min(CHUNK, count - start) }, () => drawSample(clip, random, objects));
    const pixels = stackRows(samples.map((sample) => sample.pixels));
    const predicted = predictedClasses(await clip.encodeImage(pixels), directions);
    recognised += samples.filter((sample, i) => sample.shape === predicted[i]).length;
    const asked = shape === "predicted" ? predicted : samples.map((sample) => sample.shape);
    const absent = samples.map((sample) => sample.absent);
    const maps = await mapsOf(clip, pixels, { directions, asked, absent, noise });
    for (const [method, segmentations] of maps) {
      const scored = segmentations.map((one, i) => ({
        ...scoreSegmentation(one, samples[i]!.mask),
        pointing: pointing(one.map, samples[i]!),
      }));
      scores.set(method, [...(scores.get(method) ?? []), ...scored]);
    }
    onProgress?.(start + samples.length);
  }
  const own = scores.get("decomposition")!;
  const foreground = own.reduce((sum, { hits, misses }) => sum + hits + misses, 0);
  return {
    scenes: count,
    seed,
    objects,
    shape,
    recognised: recognised / count,
    foreground: foreground / (count * clip.parts.vision.imageSize ** 2),
    rows: tabulate(scores, KINDS, seed),
  };
}

/** A picture and one of the shapes in it. */
interface Sample {
  /** [1,3,S,S] */
  readonly pixels: FloatTensor;
  /** Places in the vocabulary: of a shape that is to be seen, and of one that is not in the scene. */
  readonly shape: number;
  readonly absent: number;
  /** [S,S]: of all objects of the shape, and of all others. */
  readonly mask: Uint8Array;
  readonly others: Uint8Array;
}

function drawSample(clip: Clip, random: Random, range: readonly [number, number]): Sample {
  const size = clip.parts.vision.imageSize;
  const scene = sampleScene(random, { objects: range });
  const { objects } = sceneTruth(scene, size);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  // Of an object behind others there may be nothing to see; the one in front is always seen.
  const { shape } = pick(objects.filter(({ area }) => area > 0));
  const absent = pick(SHAPES.filter((other) => objects.every((object) => object.shape !== other)));
  const [mask, others] = [new Uint8Array(size * size), new Uint8Array(size * size)];
  for (const object of objects) {
    const region = object.shape === shape ? mask : others;
    object.mask.forEach((one, i) => (region[i]! |= one));
  }
  const pixels = clip.preprocess([renderScene(scene, size)]);
  return { pixels, shape: SHAPES.indexOf(shape), absent: SHAPES.indexOf(absent), mask, others };
}

/** See {@link MethodFigures.pointing}: 1 where the map is higher on the shape, 0 where it is lower, a half for a tie. */
function pointing(map: Float32Array, { mask, others }: Sample): number | undefined {
  const meanOver = (region: Uint8Array): number => {
    const inside = map.filter((_, i) => region[i] === 1);
    return inside.reduce((a, b) => a + b, 0) / inside.length;
  };
  return others.includes(1) ? (1 + Math.sign(meanOver(mask) - meanOver(others))) / 2 : undefined;
}

interface Question {
  /** Of all shapes [C,D], unit rows. */
  readonly directions: FloatTensor;
  /** The shape that each picture is asked for, and one that is not in it. */
  readonly asked: readonly number[];
  readonly absent: readonly number[];
  /** Of the random maps. */
  readonly noise: Random;
}

async function mapsOf(
  clip: Clip,
  pixels: FloatTensor,
  { directions, asked, absent, noise }: Question,
): Promise<[Method, Segmentation[]][]> {
  const { vision } = clip.parts;
  const [pictures, patches] = [asked.length, vision.grid ** 2];
  const against = contrasts(directions);
  const own = rowsFor(against, asked);
  const shape = [pictures, 1, vision.grid, vision.grid];
  const drawn = floatTensor(
    Float32Array.from({ length: pictures * patches }, () => noise.uniform()),
    shape,
  );
  const heats: [Method, FloatTensor][] = [
    ["decomposition", await segmentationHeat(clip, pixels, own)],
    ["decomposition, text alone", await segmentationHeat(clip, pixels, rowsFor(directions, asked))],
    ["raw attention", await rawAttention(clip, pixels)],
    ["attention rollout", await attentionRollout(clip, pixels)],
    ["GradCAM", await gradCam(clip, pixels, own)],
    ["decomposition, a shape not there", await segmentationHeat(clip, pixels, rowsFor(against, absent))],
    ["random map", drawn],
  ];
  const segmented = heats.map(([method, { data }]): [Method, Segmentation[]] => {
    const ofPicture = (i: number): Float32Array => data.subarray(i * patches, (i + 1) * patches);
    return [method, asked.map((_, i) => segmentation(ofPicture(i), vision))];
  });
  const ones = vision.imageSize ** 2;
  const all = { map: new Float32Array(ones).fill(1), threshold: 0, foreground: new Uint8Array(ones).fill(1) };
  return [...segmented, ["all foreground", asked.map(() => all)]];
}
