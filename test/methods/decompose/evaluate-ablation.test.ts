/** Claims about ablation on the model of scenes, as small as they can be told. */
import { afterAll, expect, test } from "vitest";
import { ablationClaims } from "../../../src/methods/decompose/evaluate-ablation.js";
import { completenessClaim } from "../../../src/methods/decompose/evaluate-completeness.js";
import { spuriousClaim } from "../../../src/methods/decompose/evaluate-spurious.js";
import type { HeadSkill } from "../../../src/methods/decompose/head-skills.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { untrainedLike } from "../../../src/models/clip/untrained.js";
import { ATTRIBUTES, type Attribute } from "../../../src/worlds/scenes/index.js";
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
  const claim = await spuriousClaim(clip, { seed: 3, rate: 0.9, skills, labelled: [], count: 40, draws: 5 });
  const [plain, chosen] = claim.tables[0]!.rows;
  expect(plain!.figures[1]!.value).toBeLessThan(0.5);
  expect(chosen!.name).toMatch(/^the \d heads? that most tell backgrounds/);
  expect(claim.tables[0]!.rows.at(-1)).toMatchObject({ kind: "control" });
  // By group, the worst is the least.
  const groups = claim.tables[1]!.rows[0]!.figures.map((figure) => figure!.value);
  expect(Math.min(...groups)).toBeCloseTo(plain!.figures[1]!.value, 12);
});
