/** Colours can be named from pixels alone, in every style and before every background. */
import { expect, test } from "vitest";
import {
  BACKGROUNDS,
  type Colour,
  COLOURS,
  PAINTS,
  renderScene,
  type Scene,
  sceneTruth,
  type Style,
  STYLES,
} from "../../../src/worlds/scenes/index.js";
import { scenes } from "./support.js";

const [BASE] = scenes(1, 1, { objects: [1, 1], shapes: ["hexagon"] }) as [Scene];
const OBJECT = { ...BASE.objects[0]!, texture: "solid", scale: 0.4, x: 0.5, y: 0.5 } as const;

/** The mean over the middle of the object. */
function seen(colour: Colour, style: Style, background: Scene["background"]): number[] {
  const scene: Scene = { ...BASE, style, background, objects: [{ ...OBJECT, colour, scale: 0.4 }] };
  const core = sceneTruth({ ...scene, objects: [{ ...OBJECT, scale: 0.25 }] }).objects[0]!;
  const { data } = renderScene(scene);
  const sums = [0, 0, 0];
  core.mask.forEach((one, at) => {
    if (one === 1) for (let c = 0; c < 3; c++) sums[c] = sums[c]! + data[3 * at + c]! / core.area;
  });
  return sums;
}

function nearest(pixel: readonly number[], candidates: ReadonlyMap<Colour, readonly number[]>): Colour {
  const far = ([, other]: readonly [Colour, readonly number[]]): number =>
    pixel.reduce((sum, value, c) => sum + (value - other[c]!) ** 2, 0);
  return [...candidates].reduce((best, one) => (far(one) < far(best) ? one : best))[0];
}

test.each(STYLES)("in %s pictures", (style) => {
  // What each colour looks like in this style, before a background that does not matter.
  const looks = new Map(COLOURS.map((colour) => [colour, seen(colour, style, "plain")]));
  for (const background of BACKGROUNDS) {
    for (const colour of COLOURS) expect(nearest(seen(colour, style, background), looks)).toBe(colour);
  }
});

test("colours lie well apart", () => {
  for (const a of COLOURS) {
    for (const b of COLOURS.slice(COLOURS.indexOf(a) + 1)) {
      const apart = PAINTS[a].colour.reduce((sum, value, c) => sum + (value - PAINTS[b].colour[c]!) ** 2, 0);
      expect(Math.sqrt(apart), `${a} and ${b}`).toBeGreaterThan(60);
    }
  }
});
