/** What the coordinates of each head tell of scenes: linear probes, one for each attribute. */
import { LinearProbe } from "../../engine/tensor/linear-probe.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import {
  type Attribute,
  ATTRIBUTES,
  sampleScene,
  type SceneOptions,
  valueOf,
  valuesOf,
} from "../../worlds/scenes/index.js";
import { headCells, type HeadRowLayout, SCALARS } from "./head-rows.js";
import { readInputs } from "./head-statistics.js";
import { sceneRows } from "./scene-heads.js";

export interface HeadSkillsOptions {
  readonly seed: number;
  /** Scenes of one object that probes are fitted on, and that these are tested on; default 1500 and 1000. */
  readonly counts?: readonly [fitted: number, tested: number];
}

export interface HeadSkill extends HeadPlace {
  /**
   * How much of an attribute a linear probe reads from the head's coordinates: 1 if it is always right, 0 if it is no better than always
   * saying the most frequent value.
   */
  readonly skills: Readonly<Record<Attribute, number>>;
}

const SINGLE: SceneOptions = { objects: [1, 1] };

/** Of all heads in a layout. Means something for a model that knows scenes. */
export async function headSkills(
  clip: Clip,
  layout: HeadRowLayout,
  { seed, counts: [fitted, tested] = [1500, 1000] }: HeadSkillsOptions,
): Promise<HeadSkill[]> {
  const rowsOf = async (purpose: string, count: number) => {
    const random = seeded(seed, "head skills", purpose);
    const scenes = Array.from({ length: count }, () => sampleScene(random, SINGLE));
    return { scenes, rows: await sceneRows(clip, scenes, layout) };
  };
  const known = await rowsOf("fitted", fitted);
  const unseen = await rowsOf("tested", tested);
  const inputs = layout.headWidth + SCALARS;
  return headCells(layout).map((cell) => {
    const inputsOf = ({ rows, scenes }: typeof known): Float32Array => {
      const own = new Float32Array(scenes.length * inputs);
      for (const row of scenes.keys()) readInputs(rows, row * layout.width, layout, cell, own, row * inputs);
      return own;
    };
    const { rows, apply } = scaled(inputsOf(known), inputs);
    const then = apply(inputsOf(unseen));
    const skills = ATTRIBUTES.map((attribute) => {
      const values = valuesOf(attribute);
      const classes = ({ scenes }: typeof known): number[] =>
        scenes.map((scene) => values.indexOf(valueOf(scene, attribute)));
      const told = new LinearProbe(rows, classes(known), inputs).predict(then);
      return [attribute, skill(told, classes(unseen))] as const;
    });
    const { layer, head } = cell;
    return { layer, head, skills: Object.fromEntries(skills) as Record<Attribute, number> };
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
