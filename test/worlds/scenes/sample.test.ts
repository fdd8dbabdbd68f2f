/** Which scenes are drawn, and how often. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/tensor/random.js";
import {
  BACKGROUNDS,
  COLOURS,
  heldOutColour,
  heldOutTexture,
  isHeldOut,
  POSITIONS,
  positionOf,
  relationOf,
  sampleScene,
  type Scene,
  type SceneOptions,
  type Shape,
  SHAPES,
  SIZES,
  STYLES,
  TEXTURES,
} from "../../../src/worlds/scenes/index.js";
import { anyScene, expectRate, scenes } from "./support.js";

test("the vocabulary is as large as promised", () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(16);
  expect(COLOURS).toHaveLength(10);
  expect(TEXTURES).toHaveLength(6);
  expect(SIZES).toHaveLength(3);
  expect(BACKGROUNDS).toHaveLength(8);
  expect(STYLES).toHaveLength(6);
  for (const list of [SHAPES, COLOURS, TEXTURES, SIZES, BACKGROUNDS, STYLES, POSITIONS]) {
    expect(new Set<string>(list).size).toBe(list.length);
  }
});

test("one seed gives one scene", () => {
  expect(scenes(20, 7)).toEqual(scenes(20, 7));
  expect(scenes(20, 7)).not.toEqual(scenes(20, 8));
});

test("objects lie in the picture, hardly over one another", () => {
  fc.assert(
    fc.property(anyScene(), ({ objects }) => {
      expect(objects.length).toBeGreaterThanOrEqual(1);
      expect(objects.length).toBeLessThanOrEqual(4);
      for (const [i, a] of objects.entries()) {
        for (const at of [a.x, a.y]) expect(Math.abs(at - 0.5)).toBeLessThanOrEqual(0.5 - a.scale / 2);
        for (const b of objects.slice(i + 1)) {
          const apart = Math.hypot(a.x - b.x, a.y - b.y);
          expect(apart).toBeGreaterThan(0.35 * (a.scale + b.scale));
        }
      }
    }),
  );
});

test("sizes do not overlap", () => {
  const extents = new Map(SIZES.map((size) => [size, [] as number[]]));
  for (const { objects } of scenes(2000, 1)) for (const { size, scale } of objects) extents.get(size)!.push(scale);
  const [small, medium, large] = SIZES.map((size) => extents.get(size)!) as [number[], number[], number[]];
  expect(Math.max(...small)).toBeLessThan(0.7 * Math.min(...medium) + 0.02);
  expect(Math.max(...medium)).toBeLessThan(0.8 * Math.min(...large));
});

test("every value of every attribute occurs, the free ones evenly", () => {
  const drawn = scenes(6000, 2);
  const backgrounds = drawn.map(({ background }) => background);
  for (const background of BACKGROUNDS) expectRate(count(backgrounds, background), drawn.length, 1 / 8);
  const styles = drawn.map(({ style }) => style);
  for (const style of STYLES) expectRate(count(styles, style), drawn.length, style === "clean" ? 0.5 : 0.1);
  const firsts = drawn.map(({ objects }) => objects[0]!);
  for (const shape of SHAPES) expectRate(firsts.filter((one) => one.shape === shape).length, firsts.length, 1 / 18);
  for (const colour of COLOURS) expectRate(firsts.filter((one) => one.colour === colour).length, firsts.length, 1 / 10);
  for (const texture of TEXTURES) {
    expectRate(firsts.filter((one) => one.texture === texture).length, firsts.length, 1 / 6);
  }
  const positions = drawn.flatMap(({ objects }) => objects.map(positionOf));
  for (const position of POSITIONS) expect(count(positions, position)).toBeGreaterThan(positions.length / 20);
  const counts = drawn.map(({ objects }) => objects.length);
  for (const objects of [1, 2, 3, 4]) expectRate(count(counts, objects), drawn.length, 1 / 4);
});

test("options are kept to", () => {
  const options: SceneOptions = {
    objects: [2, 3],
    styles: ["dark", "sketch"],
    backgrounds: ["sea"],
    shapes: ["fish", "star"],
  };
  for (const { background, style, objects } of scenes(300, 3, options)) {
    expect(background).toBe("sea");
    expect(["dark", "sketch"]).toContain(style);
    expect([2, 3]).toContain(objects.length);
    for (const { shape } of objects) expect(["fish", "star"]).toContain(shape);
  }
  expect(scenes(1, 1, { objects: [0, 0] })[0]!.objects).toEqual([]);
});

test.each<SceneOptions>([
  { objects: [3, 2] },
  { objects: [1, 5] },
  { objects: [-1, 2] },
  { objects: [1.5, 2] },
  { styles: [] },
  { backgrounds: [] },
  { shapes: [] },
  { spurious: { rate: 1.1 } },
  { spurious: { rate: NaN } },
])("refuses %j", (options) => {
  expect(() => sampleScene(new Random(1), options)).toThrow(UsageError);
});

test("relations are opposite from the other side, and one at most holds", () => {
  const opposite = { "left of": "right of", "right of": "left of", above: "below", below: "above" } as const;
  fc.assert(
    fc.property(anyScene({ objects: [2, 4] }), ({ objects }) => {
      const relation = relationOf(objects[0]!, objects[1]!);
      expect(relationOf(objects[1]!, objects[0]!)).toBe(relation && opposite[relation]);
    }),
  );
});

describe("spurious correlation", () => {
  const has = ({ objects }: Scene, shape: Shape): boolean => objects.some((object) => object.shape === shape);

  test.each([0, 0.5, 0.9, 1])("at a rate of %d", (rate) => {
    const drawn = scenes(9000, 4, { spurious: { rate } });
    for (const [shape, background] of [
      ["fish", "sea"],
      ["bird", "sky"],
    ] as const) {
      const [own, others] = [drawn.filter((scene) => has(scene, shape)), drawn.filter((scene) => !has(scene, shape))];
      expect(own.length).toBeGreaterThan(500);
      expectRate(own.filter((scene) => scene.background === background).length, own.length, rate);
      // Another partner's scenes draw from fewer backgrounds, so that this holds for scenes with neither.
      const free = others.filter((scene) => !has(scene, "fish") && !has(scene, "bird"));
      expectRate(free.filter((scene) => scene.background === background).length, free.length, (1 - rate) / 8);
    }
    expect(drawn.some((scene) => has(scene, "fish") && has(scene, "bird"))).toBe(false);
    for (const [shape, partner] of [
      ["tree", "house"],
      ["house", "tree"],
    ] as const) {
      const own = drawn.filter((scene) => scene.objects.length > 1 && has(scene, shape));
      expectRate(own.filter((scene) => has(scene, partner)).length, own.length, rate);
    }
  });

  test("leaves backgrounds independent of shapes by default", () => {
    const drawn = scenes(9000, 5);
    const fish = drawn.filter((scene) => has(scene, "fish"));
    expectRate(fish.filter(({ background }) => background === "sea").length, fish.length, 1 / 8);
  });
});

describe("held-out combinations", () => {
  const pairs = SHAPES.flatMap((shape) => COLOURS.map((colour) => ({ shape, colour })));

  test("are a tenth of all pairs, and leave every value most of its partners", () => {
    expect(pairs.filter(({ shape, colour }) => heldOutColour(shape) === colour)).toHaveLength(18);
    expect(SHAPES.filter((shape) => heldOutTexture(shape) !== undefined)).toHaveLength(12);
    for (const colour of COLOURS) {
      const out = SHAPES.filter((shape) => heldOutColour(shape) === colour);
      expect(out.length).toBeGreaterThanOrEqual(1);
      expect(out.length).toBeLessThanOrEqual(2);
    }
    for (const texture of TEXTURES) {
      const out = SHAPES.filter((shape) => heldOutTexture(shape) === texture);
      expect(out).toHaveLength(2);
    }
  });

  test("are never drawn as seen, with or without correlation", () => {
    for (const options of [{}, { spurious: { rate: 0.9 } }]) {
      const drawn = scenes(3000, 6, { combinations: "seen", ...options });
      expect(drawn.flatMap(({ objects }) => objects).filter(isHeldOut)).toEqual([]);
    }
  });

  test("are always drawn when asked for: the first object, and no other", () => {
    for (const options of [{}, { spurious: { rate: 0.9 } }]) {
      for (const { objects } of scenes(3000, 7, { combinations: "held-out", ...options })) {
        expect(isHeldOut(objects[0]!)).toBe(true);
        expect(objects.slice(1).some(isHeldOut)).toBe(false);
      }
    }
  });

  test("are drawn like all others by default", () => {
    const firsts = scenes(6000, 8).map(({ objects }) => objects[0]!);
    expectRate(firsts.filter((one) => one.colour === heldOutColour(one.shape)).length, firsts.length, 1 / 10);
  });
});

function count<T>(values: readonly T[], value: T): number {
  return values.filter((one) => one === value).length;
}
