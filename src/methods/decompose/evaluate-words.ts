/** Whether the parts of words tell what a text's likeness to pictures hangs on, measured on scenes, of which this is known. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { type SceneObject, scenePair } from "../../worlds/scenes/index.js";
import { scenePixels } from "../scene-classes.js";
import { type WordAttribution, wordAttributions, wordTotals } from "./words.js";

export type WordAttribute = "colour" | "shape" | "texture";

/**
 * How the cosine of a text that is true of a scene falls when the scene changes in one attribute, and by which parts. Means over
 * pairs; intervals of 95% by resampling pairs.
 */
export interface WordFigures {
  readonly pairs: number;
  readonly fall: Estimate;
  /** By the word for the attribute, and by each word for another attribute. */
  readonly word: Estimate;
  readonly otherWord: Estimate;
  readonly mlps: Estimate;
  /** In how many pairs the word falls more than the others; `chance`, were it one of them at random. */
  readonly most: Estimate;
  readonly chance: number;
}

/** Pairs of `scenePair`, and texts such as "a red heart", with the texture before them where that is the attribute. */
export async function evaluateWords(
  clip: Clip,
  attribute: WordAttribute,
  { pairs = 200, seed = 0 }: { readonly pairs?: number; readonly seed?: number } = {},
): Promise<WordFigures> {
  const said: readonly WordAttribute[] = attribute === "texture" ? ["texture", "colour", "shape"] : ["colour", "shape"];
  const rows: number[][] = [];
  for (let i = 0; i < pairs; i++) {
    const { scenes } = scenePair(seeded(seed, "words", attribute, i), attribute);
    const object = scenes[0].objects[0]!;
    const text = `a ${said.map((one) => object[one]).join(" ")}`;
    const pictures = normaliseRows(await clip.encodeImage(scenePixels(clip, scenes)));
    const [found] = await wordAttributions(clip, [text], pictures);
    rows.push(fallsOf(found as [WordAttribution, WordAttribution], object, attribute, said));
  }
  const mean = (members: Int32Array): number[] =>
    rows[0]!.map((_, k) => members.reduce((sum, row) => sum + rows[row]![k]!, 0) / members.length);
  const [fall, word, otherWord, mlps, most] = bootstrapEstimates(pairs, mean, { seed }) as [
    Estimate,
    Estimate,
    Estimate,
    Estimate,
    Estimate,
  ];
  return { pairs, fall, word, otherWord, mlps, most, chance: 1 / said.length };
}

function fallsOf(
  [before, after]: readonly [WordAttribution, WordAttribution],
  object: SceneObject,
  attribute: WordAttribute,
  said: readonly WordAttribute[],
): number[] {
  const [one, two] = [wordTotals(before), wordTotals(after)];
  const fallBy = (value: string): number => {
    const at = before.sources.findIndex(({ word }) => word === value);
    return one[at]! - two[at]!;
  };
  const own = fallBy(object[attribute]);
  const others = said.filter((other) => other !== attribute).map((other) => fallBy(object[other]));
  const mlps = before.mlps.reduce((sum, value, i) => sum + value - after.mlps[i]!, 0);
  const mean = others.reduce((a, b) => a + b, 0) / others.length;
  return [before.cosine - after.cosine, own, mean, mlps, Number(others.every((other) => own > other))];
}
