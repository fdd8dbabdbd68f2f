/** Claims about ablation on the model of scenes, as small as they can be told. */
import { afterAll, expect, test } from "vitest";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { ablationClaims } from "../../../src/methods/decompose/evaluate-ablation.js";
import { completenessClaim } from "../../../src/methods/decompose/evaluate-completeness.js";
import { spuriousClaim } from "../../../src/methods/decompose/evaluate-spurious.js";
import { headMargins } from "../../../src/methods/decompose/head-margins.js";
import { backgroundPush, groupScenes } from "../../../src/methods/decompose/spurious-groups.js";
import { attributeClasses, scenePixels } from "../../../src/methods/scene-classes.js";
import type { HeadSkill } from "../../../src/methods/decompose/head-skills.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { untrainedLike } from "../../../src/models/clip/untrained.js";
import { ATTRIBUTES, type Attribute } from "../../../src/worlds/scenes/index.js";
import { largestDifference } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const clip = await loadClip("clip-scenes");
const untrained = await untrainedLike(clip, { folder: scratchFolder(), seed: 1 });
afterAll(() => Promise.all([clip.dispose(), untrained.dispose()]));

test("late heads carry the answer, in a trained model", async () => {
  const [late, mlps] = await ablationClaims(clip, untrained, { seed: 3, count: 120, draws: 4 });
  expect(late!.holds).toBe(true);
  const accuracyOf = (claim: typeof late, table: number, row: number): number =>
    claim!.tables[table]!.rows[row]!.figures[0]!.value;
  // With all heads held nothing of the picture but MLPs speaks; and the untrained model knows nothing to begin with.
  expect(accuracyOf(late, 0, 11)).toBeLessThan(0.5);
  expect(accuracyOf(late, 1, 0)).toBeLessThan(0.3);
  expect(accuracyOf(mlps, 0, 0)).toBeGreaterThan(0.84);
});

test("texts hold more of late heads than random vectors do, and many of either nearly all", async () => {
  const { holds, tables } = await completenessClaim(clip, { seed: 3, counts: [150, 120] });
  expect(holds).toBe(true);
  const kept = tables[0]!.rows.slice(3).map(({ figures }) => figures[1]!.value);
  expect(kept).toHaveLength(12);
  expect(kept[5]).toBeGreaterThan(0.9);
  expect(kept[0]).toBeLessThan(kept[4]!);
});

test("heads that tell backgrounds are found by their skills, and random ones stand beside them", async () => {
  const skill = (layer: number, head: number): HeadSkill => {
    // As if heads 0 to 2 of the last layer told backgrounds and no shapes.
    const background = layer === 3 && head < 3 ? 0.9 - head / 10 : 0;
    const skills = Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, 0])) as Record<Attribute, number>;
    return { layer, head, skills: { ...skills, background } };
  };
  const skills = Array.from({ length: 24 }, (_, i) => skill(Math.floor(i / 6), i % 6));
  const claim = await spuriousClaim(clip, { seed: 3, rate: 0.9, skills, labelled: [], untrained, count: 40, draws: 5 });
  const [plain, chosen] = claim.tables[0]!.rows;
  const [average, worst] = plain!.figures;
  expect(worst!.value).toBeLessThan(average!.value - 0.2);
  expect(chosen!.name).toMatch(/^the \d late heads? that most (push|tell)/);
  const [draws, plainUntrained, heldUntrained] = claim.tables[0]!.rows.slice(-3);
  expect([draws, plainUntrained, heldUntrained].map((row) => row!.kind)).toEqual(["control", "control", "control"]);
  // The average is linear in the answers, the worst group is not.
  const mean = claim.tables[0]!.rows.at(-4)!;
  expect(draws!.figures[0]!.value).toBeCloseTo(mean.figures[0]!.value, 9);
  expect(draws!.figures[1]!.value).toBeLessThanOrEqual(mean.figures[1]!.value + 1e-9);
  // Nobody told it what a fish is.
  expect(plainUntrained!.figures[0]!.value).toBeLessThan(0.65);
  // By group, the worst is the least.
  const groups = claim.tables[1]!.rows[0]!.figures.map((figure) => figure!.value);
  expect(Math.min(...groups)).toBeCloseTo(plain!.figures[1]!.value, 12);
});

test("heads' margins by group are those of their contributions", async () => {
  const random = seeded(4, "margins");
  const scenes = groupScenes(random, 3);
  const pixels = scenePixels(clip, scenes);
  const classes = normaliseRows(await clip.encodeText(["a fish", "a bird"]));
  async function* batches(): AsyncGenerator<FloatTensor> {
    const size = pixels.data.length / 12;
    for (const [start, end] of [
      [0, 5],
      [5, 12],
    ] as const) {
      const some = pixels.data.slice(start * size, end * size);
      yield await Promise.resolve(floatTensor(some, [end - start, 3, 64, 64]));
    }
  }
  const margins = await headMargins(clip, batches(), classes, (picture) => Math.floor(picture / 3), 4);
  const heads = await expandHeads(clip, await decompose(clip, pixels));
  const wanted = Array.from({ length: 24 }, (_, cell) =>
    [0, 1, 2, 3].map((group) => {
      let sum = 0;
      for (let b = 3 * group; b < 3 * group + 3; b++) {
        for (let i = 0; i < 128; i++) {
          sum += (heads.data[(b * 24 + cell) * 128 + i]! * (classes.data[i]! - classes.data[128 + i]!)) / 3;
        }
      }
      return sum;
    }),
  );
  expect(
    largestDifference(
      margins.flatMap((own) => [...own]),
      wanted.flat(),
    ),
  ).toBeLessThan(1e-6);
  // The push is towards fish in the sea, less towards fish that are there.
  const pushes = await backgroundPush(clip, scenes);
  const classesOfShapes = await headMargins(
    clip,
    batches(),
    await shapeClasses(),
    (picture) => Math.floor(picture / 3),
    4,
  );
  const [fishSea, fishSky, birdSky, birdSea] = classesOfShapes[22]!;
  const cue = (fishSea! + birdSea! - fishSky! - birdSky!) / 2;
  const shape = (fishSea! + fishSky! - birdSea! - birdSky!) / 2;
  expect(pushes[22]).toBeCloseTo(cue - shape, 6);
});

async function shapeClasses(): Promise<FloatTensor> {
  const { values, directions } = await attributeClasses((texts) => clip.encodeText(texts), "shape");
  const row = (value: string) =>
    directions.data.subarray(values.indexOf(value) * 128, (values.indexOf(value) + 1) * 128);
  return floatTensor(Float32Array.from([...row("fish"), ...row("bird")]), [2, 128]);
}
