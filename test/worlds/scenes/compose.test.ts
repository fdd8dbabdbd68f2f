import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BACKGROUNDS,
  COLOURS,
  composeScene,
  type ObjectWish,
  positionOf,
  POSITIONS,
  Random,
  renderScene,
  SHAPES,
  SIZES,
  STYLES,
  TEXTURES,
} from "../../../src/worlds/scenes/index.js";

const wish = fc.record(
  {
    shape: fc.constantFrom(...SHAPES),
    colour: fc.constantFrom(...COLOURS),
    texture: fc.constantFrom(...TEXTURES),
  },
  { requiredKeys: ["shape"] },
) as fc.Arbitrary<ObjectWish>;

describe("a scene that is composed", () => {
  test("has what was wished for, and nothing else besides", () => {
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...BACKGROUNDS),
        fc.constantFrom(...STYLES),
        fc.integer(),
        (objects, background, style, seed) => {
          const scene = composeScene(new Random(seed), { objects, background, style });
          expect(scene).toMatchObject({ background, style, objects });
          expect(scene.objects).toHaveLength(objects.length);
          expect(renderScene(scene, 32).data).toHaveLength(32 * 32 * 3);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("puts a single object where and as large as it is wished", () => {
    for (const size of SIZES) {
      // A large object's centre cannot lie in a corner's cell of every draw, but in one of many.
      for (const position of POSITIONS) {
        const [object] = composeScene(new Random(3), { objects: [{ shape: "star", size, position }] }).objects;
        expect([object!.size, positionOf(object!)]).toEqual([size, position]);
      }
    }
  });

  test("is refused without objects and with too many", () => {
    expect(() => composeScene(new Random(0), { objects: [] })).toThrow(/1 to 4/);
    const five = Array.from({ length: 5 }, (): ObjectWish => ({ shape: "star" }));
    expect(() => composeScene(new Random(0), { objects: five })).toThrow(/1 to 4/);
  });
});
