/** Links that hold a whole view. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BACKGROUNDS, COLOURS, SHAPES, SIZES, STYLES, TEXTURES } from "../../src/worlds/scenes/vocabulary.js";
import { NO_EDITS } from "../../workbench/src/state/edits.js";
import { LINK_LIMIT, readLink, SCHEMA, type View, writeLink } from "../../workbench/src/state/permalink.js";
import type { Picture } from "../../workbench/src/state/picture.js";

const PLAIN: View = {
  room: "heads",
  model: "clip-scenes",
  digest: "0123456789abcdef",
  version: "0.1.0",
  seed: 0,
  pictures: [],
  picture: undefined,
  second: undefined,
  texts: [],
  text: undefined,
  against: undefined,
  layer: 0,
  head: 0,
  neuron: 0,
  pinned: undefined,
  colourMap: "viridis",
  theme: "system",
  edits: NO_EDITS,
  settings: {},
};

const fraction = fc.double({ min: -1, max: 2, noNaN: true });
const seed = fc.nat();
const object = fc.record({
  shape: fc.constantFrom(...SHAPES),
  colour: fc.constantFrom(...COLOURS),
  texture: fc.constantFrom(...TEXTURES),
  size: fc.constantFrom(...SIZES),
  x: fraction,
  y: fc.oneof(fraction, fc.constantFrom(0, -0, 0.5, 1e-7)),
  rotation: fc.double({ noNaN: true, noDefaultInfinity: true }),
  flipped: fc.boolean(),
  scale: fc.double({ min: 1e-12, max: 2, noNaN: true }),
  seed,
});
const scene = (most: number): fc.Arbitrary<Picture> =>
  fc.record({
    ref: fc.record({
      scene: fc.record({
        background: fc.constantFrom(...BACKGROUNDS),
        style: fc.constantFrom(...STYLES),
        seed: fc.maxSafeNat(),
        objects: fc.array(object, { maxLength: most }),
      }),
    }),
    name: fc.string({ maxLength: 48 }),
  });
const file: fc.Arbitrary<Picture> = fc.record({
  ref: fc.record({ picture: fc.stringMatching(/^[0-9a-f]{64}$/) }),
  name: fc.string({ unit: "grapheme", maxLength: 20 }),
});
const to = fc.constantFrom("off" as const, "mean" as const);
const index = fc.nat(99_999);

const view = (most: { pictures: number; objects: number; texts: number; edits: number }): fc.Arbitrary<View> =>
  fc
    .record({
      room: fc.constantFrom("start", "heads", "edit"),
      model: fc.constantFrom("clip-scenes", "openai/clip-vit-base-patch16"),
      digest: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/), { nil: undefined }),
      version: fc.option(fc.constantFrom("0.1.0", "1.2.3-beta.1"), { nil: undefined }),
      seed: fc.maxSafeNat(),
      pictures: fc.array(fc.oneof(scene(most.objects), file), { maxLength: most.pictures }),
      texts: fc.array(fc.string({ unit: "grapheme", maxLength: most.texts * 6 }), { maxLength: most.texts }),
      layer: index,
      head: index,
      neuron: index,
      pinned: fc.option(index, { nil: undefined }),
      colourMap: fc.constantFrom("viridis", "magma"),
      theme: fc.constantFrom("system", "dark"),
      edits: fc.record({
        heads: fc.array(fc.record({ layer: index, head: index, to }), { maxLength: most.edits }),
        layers: fc.array(fc.record({ layer: index, to }), { maxLength: most.edits }),
        mlps: fc.array(fc.record({ layer: index, to }), { maxLength: most.edits }),
        neurons: fc.array(fc.record({ layer: index, neuron: index, to }), { maxLength: most.edits }),
      }),
      settings: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 12 }), { maxKeys: 3 }),
    })
    .chain((plain) =>
      fc
        .record({
          picture: placeIn(plain.pictures),
          second: placeIn(plain.pictures),
          text: placeIn(plain.texts),
          against: placeIn(plain.texts),
        })
        .map((places) => ({ ...plain, ...places })),
    );

function placeIn(list: readonly unknown[]): fc.Arbitrary<number | undefined> {
  return list.length === 0 ? fc.constant(undefined) : fc.option(fc.nat(list.length - 1), { nil: undefined });
}

test("a view comes back from its link, to the bit", () => {
  fc.assert(
    fc.property(view({ pictures: 2, objects: 2, texts: 3, edits: 3 }), (one) => {
      const { hash, leftOut } = writeLink(one);
      fc.pre(leftOut.length === 0);
      expect(readLink(hash)).toEqual({ kind: "view", view: one, leftOut: [] });
    }),
    { numRuns: 300 },
  );
});

test("no link is too long; what does not fit is named, in the link as well", () => {
  fc.assert(
    fc.property(view({ pictures: 12, objects: 12, texts: 60, edits: 60 }), (one) => {
      const { hash, leftOut } = writeLink(one);
      expect(hash.length).toBeLessThanOrEqual(LINK_LIMIT);
      expect(/^[\x21-\x7e]*$/.test(hash)).toBe(true);
      const link = readLink(hash);
      expect(link).toMatchObject({ kind: "view", leftOut });
      if (link.kind !== "view") return;
      if (!leftOut.includes("texts")) expect(link.view.texts).toEqual(one.texts);
      if (!leftOut.includes("edits")) expect(link.view.edits).toEqual(one.edits);
      if (one.picture !== undefined) {
        expect(link.view.pictures[link.view.picture!]).toEqual(one.pictures[one.picture]);
      }
    }),
    { numRuns: 100 },
  );
});

test("whatever stands in the address, it is read or explained", () => {
  const parts = fc.array(
    fc.tuple(fc.constantFrom("v", "p", "n", "t", "text", "edits", "seed", "digest", "pin"), fc.string()),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        parts.map((all) => `#heads?${new URLSearchParams(all).toString()}`),
      ),
      (hash) => {
        expect(["none", "view", "newer", "damaged"]).toContain(readLink(hash).kind);
      },
    ),
    { numRuns: 500 },
  );
});

test("a link reads like what it shows", () => {
  const heart = { shape: "heart", colour: "red", texture: "solid", size: "large" } as const;
  const { hash } = writeLink({
    ...PLAIN,
    pictures: [
      {
        name: "heart",
        ref: {
          scene: {
            background: "sea",
            style: "clean",
            seed: 7,
            objects: [{ ...heart, x: 0.5, y: 0.25, rotation: 0, flipped: false, scale: 0.4, seed: 17 }],
          },
        },
      },
    ],
    picture: 0,
    texts: ["a red heart"],
    text: 0,
    edits: { ...NO_EDITS, heads: [{ layer: 1, head: 2, to: "mean" }] },
  });
  expect(hash).toBe(
    "#heads?v=1&lib=0.1.0&model=clip-scenes&digest=0123456789abcdef&p=ssea*clean*7*heart.red.solid.large_0.5_0.25_0_0.4_17&n=heart" +
      "&picture=0&t=a+red+heart&text=0&edits=h1.2m",
  );
});

test("links of a newer schema say so, and a room's name alone is a link", () => {
  expect(readLink(`#heads?v=${SCHEMA + 1}&lib=9.0.0&what=ever`)).toEqual({
    kind: "newer",
    schema: SCHEMA + 1,
    version: "9.0.0",
  });
  expect(readLink("#heads")).toMatchObject({ kind: "view", view: { room: "heads", model: "clip-scenes" } });
  expect(readLink("")).toEqual({ kind: "none" });
  expect(readLink("#")).toEqual({ kind: "none" });
});

test.each([
  ["#heads?v=1&p=x", "neither a file nor a scene"],
  ["#heads?v=1&p=fabc", "cut short"],
  ["#heads?v=1&p=ssea*clean*1*heart.red.solid", "cannot be read"],
  ["#heads?v=1&p=ssea*clean*1*heart.red.solid.large_1e999_0_0_1_1", "not finite"],
  ["#heads?v=1&picture=0", "past the end"],
  ["#heads?v=1&layer=-1", "no whole number"],
  ["#heads?v=1&edits=h1o", "edit of the model"],
  ["#heads?v=1&digest=xyz", "digest"],
  ["#<script>", "room's name"],
])("%s is damaged", (hash, why) => {
  const link = readLink(hash);
  expect(link).toMatchObject({ kind: "damaged" });
  expect(link.kind === "damaged" && link.why).toContain(why);
});
