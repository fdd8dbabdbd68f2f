/** What the coordinates of each head tell of scenes: linear probes, one for each attribute. */
import { LinearProbe } from "../../engine/tensor/linear-probe.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import {
  type Attribute,
  ATTRIBUTES,
  sampleScene,
  type Scene,
  type SceneOptions,
  valueOf,
  valuesOf,
} from "../../worlds/scenes/index.js";
import { scenePixels } from "../scene-classes.js";
import { headMaps, headRowLayout, type HeadRowLayout, headRows, lastLayers, SCALARS } from "./head-rows.js";
import { headSpans } from "./head-spans.js";
import { HeadStatistics, readInputs } from "./head-statistics.js";

export interface HeadSkillsOptions {
  readonly seed: number;
  /** How many of the last layers; default 4. */
  readonly layers?: number;
  /** Texts for each head; default 5. */
  readonly texts?: number;
  /** Scenes that texts are found on, that probes are fitted on, and that these are tested on; default 1000, 1500, 1000. */
  readonly counts?: readonly [spanned: number, fitted: number, tested: number];
}

export interface HeadSkill extends HeadPlace {
  /** Rows of the pool: TextSpan's first texts. */
  readonly picks: readonly number[];
  /**
   * How much of an attribute a linear probe reads from the head's coordinates: 1 if it is always right, 0 if it is no better than always
   * saying the most frequent value.
   */
  readonly skills: Readonly<Record<Attribute, number>>;
}

/** Scenes encoded at a time. */
const CHUNK = 250;
const SINGLE: SceneOptions = { objects: [1, 1] };

/** The heads of the last layers; means something for a model that knows scenes. Throws what `headSpans` throws. */
export async function headSkills(
  clip: Clip,
  pool: readonly string[],
  { seed, layers = 4, texts = 5, counts: [spanned, fitted, tested] = [1000, 1500, 1000] }: HeadSkillsOptions,
): Promise<HeadSkill[]> {
  const layout = headRowLayout(clip, lastLayers(clip, layers));
  const rowsOf = async (purpose: string, count: number, options?: SceneOptions) => {
    const random = seeded(seed, "head skills", purpose);
    const scenes = Array.from({ length: count }, () => sampleScene(random, options));
    return { scenes, rows: await sceneRows(clip, scenes, layout) };
  };
  const statistics = new HeadStatistics(layout);
  statistics.add((await rowsOf("spanned", spanned)).rows);
  const directions = normaliseRows(await clip.encodeText(pool));
  const spans = await headSpans(clip, statistics, await headMaps(clip, layout), directions, { count: texts });

  const known = await rowsOf("fitted", fitted, SINGLE);
  const unseen = await rowsOf("tested", tested, SINGLE);
  const inputs = layout.headWidth + SCALARS;
  return statistics.heads.map((cell, i) => {
    const inputsOf = ({ rows, scenes }: typeof known): Float32Array => {
      const own = new Float32Array(scenes.length * inputs);
      for (const row of scenes.keys()) readInputs(rows, row * layout.width, layout, cell, own, row * inputs);
      return own;
    };
    const [before, after] = [scaled(inputsOf(known), inputs), inputsOf(unseen)];
    const then = before.apply(after);
    const skills = ATTRIBUTES.map((attribute) => {
      const values = valuesOf(attribute);
      const classes = ({ scenes }: typeof known): number[] =>
        scenes.map((scene) => values.indexOf(valueOf(scene, attribute)));
      const told = new LinearProbe(before.rows, classes(known), inputs).predict(then);
      return [attribute, skill(told, classes(unseen))] as const;
    });
    const { layer, head } = cell;
    return { layer, head, picks: spans[i]!.picks, skills: Object.fromEntries(skills) as Record<Attribute, number> };
  });
}

function skill(told: readonly number[], truth: readonly number[]): number {
  const right = told.filter((value, i) => value === truth[i]).length / truth.length;
  const counts = new Map<number, number>();
  for (const value of truth) counts.set(value, (counts.get(value) ?? 0) + 1);
  const constant = Math.max(...counts.values()) / truth.length;
  return (right - constant) / (1 - constant);
}

/** Each column less its mean, over its deviation: coordinates and scalars differ in size, and the probe's ridge must not. */
function scaled(
  rows: Float32Array,
  width: number,
): { rows: Float32Array; apply: (other: Float32Array) => Float32Array } {
  const count = rows.length / width;
  const [means, squares] = [new Float64Array(width), new Float64Array(width)];
  rows.forEach((x, i) => (means[i % width]! += x / count));
  rows.forEach((x, i) => (squares[i % width]! += (x - means[i % width]!) ** 2 / count));
  const apply = (other: Float32Array): Float32Array =>
    other.map((x, i) => (x - means[i % width]!) / Math.sqrt(squares[i % width]! + Number.MIN_VALUE));
  return { rows: apply(rows), apply };
}

async function sceneRows(clip: Clip, scenes: readonly Scene[], layout: HeadRowLayout): Promise<Float32Array> {
  const out = new Float32Array(scenes.length * layout.width);
  for (let start = 0; start < scenes.length; start += CHUNK) {
    const pixels = scenePixels(clip, scenes.slice(start, start + CHUNK));
    out.set((await headRows(clip, pixels, layout)).data, start * layout.width);
  }
  return out;
}
