/** What training shows: correlated backgrounds, never a held-out combination, and at first many pictures easy to read. */
import type { Random } from "../../engine/tensor/random.js";
import { sampleScene, type Scene, type SceneOptions } from "../../worlds/scenes/index.js";
import { EASY_UNTIL, OBJECT_COUNTS, PLAIN_SHARES, SINGLE_SHARES, SPURIOUS_RATE } from "./settings.js";

export const TRAINING_SCENES: SceneOptions = { spurious: { rate: SPURIOUS_RATE }, combinations: "seen" };

/** A scene with 1 to 4 objects, few more often than many. */
export function drawScene(random: Random, options: SceneOptions = TRAINING_SCENES): Scene {
  let chance = random.uniform();
  let count = 1;
  for (const share of OBJECT_COUNTS.slice(0, -1)) {
    if (chance < share) break;
    chance -= share;
    count++;
  }
  return sampleScene(random, { ...options, objects: [count, count] });
}

/** A scene for training when this share of all steps is done. */
export function drawTrainingScene(random: Random, done: number): Scene {
  const eased = Math.max(0, 1 - done / EASY_UNTIL);
  const share = ([first, last]: readonly [number, number]): number => last + (first - last) * eased;
  const chance = random.uniform();
  const plain = share(PLAIN_SHARES);
  if (chance < plain) return drawPlain(random);
  return chance < plain + share(SINGLE_SHARES) ? drawSingle(random) : drawScene(random);
}

/** A large object of one tone before a plain background: what shapes are is learnt from these, many times faster. */
function drawPlain(random: Random): Scene {
  return drawUntil(
    random,
    { objects: [1, 1], styles: ["clean"], backgrounds: ["plain"], combinations: "seen" },
    ({ objects: [object] }) => object!.size === "large" && object!.texture === "solid",
  );
}

/** A clean picture of one object that is not small. */
function drawSingle(random: Random): Scene {
  return drawUntil(
    random,
    { ...TRAINING_SCENES, objects: [1, 1], styles: ["clean"] },
    ({ objects: [object] }) => object!.size !== "small",
  );
}

function drawUntil(random: Random, options: SceneOptions, isWanted: (scene: Scene) => boolean): Scene {
  for (;;) {
    const scene = sampleScene(random, options);
    if (isWanted(scene)) return scene;
  }
}
