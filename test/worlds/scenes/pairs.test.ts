import { expect, test } from "vitest";
import { PAIR_ATTRIBUTES, Random, type Scene, scenePair } from "../../../src/worlds/scenes/index.js";

const flat = ({ objects, ...scene }: Scene): Record<string, unknown> => ({
  ...scene,
  ...objects[0]!,
  objects: objects.length,
});

test.each(PAIR_ATTRIBUTES)("pairs differ in %s and in nothing else", (attribute) => {
  for (let seed = 0; seed < 30; seed++) {
    const { scenes, texts } = scenePair(new Random(seed), attribute);
    const [one, other] = [flat(scenes[0]), flat(scenes[1])];
    const differing = Object.keys(one).filter((key) => one[key] !== other[key]);
    // A shape that may not be turned as far as the other is turned as far as it may.
    const allowed = attribute === "shape" ? [attribute, "rotation"] : [attribute];
    expect(differing).toContain(attribute);
    expect(allowed).toEqual(expect.arrayContaining(differing));
    expect(texts[0]).not.toBe(texts[1]);
    if (attribute === "background") continue;
    expect(texts[0]).toContain(one[attribute]);
    expect(texts[1]).toContain(other[attribute]);
  }
});
