/** A picture in words: for each patch, what lies there. What a language model that has seen nothing reads in a picture's place. */
import type { Random } from "../../engine/tensor/random.js";
import {
  BACKGROUNDS,
  COLOURS,
  type Scene,
  type SceneObject,
  sceneTruth,
  SHAPES,
  SIZES,
} from "../../worlds/scenes/index.js";

/** Patches on each side, and pixels of a patch's side. */
const GRID = 8;
const SIDE = 8;
export const PATCHES = GRID * GRID;
/** All words that stand in patches. */
export const PATCH_WORDS: readonly string[] = [
  ...SHAPES,
  ...COLOURS,
  ...SIZES,
  ...BACKGROUNDS.map((background) => (background === "checker" ? "checkerboard" : background)),
];
const PLACES = new Map([...SHAPES, ...COLOURS, ...SIZES, ...BACKGROUNDS].map((value, i) => [value as string, i]));

type Range = readonly [least: number, most: number];

/** Least and largest share of each word. */
const SHARES: Readonly<Record<"shape" | "colour" | "size" | "background" | "hint", Range>> = {
  shape: [0.6, 1],
  colour: [0.1, 0.3],
  size: [0.05, 0.15],
  background: [0.6, 1],
  hint: [0.1, 0.25],
};

/** How often a whole picture is told of, and otherwise the most that each patch is left out. */
const WHOLE_RATE = 0.5;
const MOST_LEFT_OUT = 0.9;

/**
 * [PATCHES], row by row: 1 for what is told of a picture. What can be left out must be said by each patch of a thing, and by no patch of anything
 * else.
 */
export function partOf(random: Random): Float32Array {
  const leftOut = random.uniform() < WHOLE_RATE ? 0 : MOST_LEFT_OUT * random.uniform();
  return Float32Array.from({ length: PATCHES }, () => (random.uniform() < leftOut ? 0 : 1));
}

/** By patch, row by row: the object that covers half of it, if one does. */
export function patchObjects(scene: Scene): (SceneObject | undefined)[] {
  const { objects } = sceneTruth(scene, GRID * SIDE);
  return Array.from({ length: PATCHES }, (_, patch) => {
    const [left, top] = [(patch % GRID) * SIDE, Math.floor(patch / GRID) * SIDE];
    const index = objects.findIndex(({ mask }) => {
      let area = 0;
      for (let y = top; y < top + SIDE; y++) {
        for (let x = left; x < left + SIDE; x++) area += mask[y * GRID * SIDE + x]!;
      }
      return area >= (SIDE * SIDE) / 2;
    });
    return scene.objects[index];
  });
}

/**
 * [PATCHES, words], row by row: words of each patch's object, else of the background, in shares that vary from patch to patch. Patches of an
 * object with a hint have a little of that word too. Patches that are left out have nothing.
 */
export function patchShares(
  scene: Scene,
  random: Random,
  part: Float32Array,
  hints: ReadonlyMap<SceneObject, string> = new Map<SceneObject, string>(),
): Float32Array {
  const shares = new Float32Array(PATCHES * PATCH_WORDS.length);
  for (const [patch, object] of patchObjects(scene).entries()) {
    if (part[patch] === 0) continue;
    const draw = (kind: keyof typeof SHARES, value: string): void => {
      const [least, most] = SHARES[kind];
      shares[patch * PATCH_WORDS.length + PLACES.get(value)!] = least + (most - least) * random.uniform();
    };
    if (object === undefined) draw("background", scene.background);
    else {
      for (const attribute of ["shape", "colour", "size"] as const) draw(attribute, object[attribute]);
      const hint = hints.get(object);
      if (hint !== undefined) draw("hint", hint);
    }
  }
  return shares;
}
