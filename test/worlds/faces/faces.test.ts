/** What faces look like, and what they depend on. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import {
  describeFace,
  describeIdentity,
  drawFace,
  type Face,
  FACE_ATTRIBUTES,
  FACE_PARTS,
  type FaceAttribute,
  faceAt,
  type FaceIdentity,
  type FacePart,
  type FacePhoto,
  facePictures,
  faceRows,
  faceTruth,
  identityAt,
  photographOf,
  Random,
  sampleFace,
} from "../../../src/worlds/faces/index.js";
import { FACE_DIGEST } from "./digest.js";

const SIZE = 96;
/** How far soft edges, the fold of a lid and the tip of a brow reach beyond masks, in pixels. */
const SOFT = 2;
const anyFace = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seed) => sampleFace(new Random(seed)));
const NAMES = Object.keys(FACE_ATTRIBUTES) as FaceAttribute[];
const faces = (count: number, seed: number): Face[] => Array.from({ length: count }, (_, i) => faceAt(seed, i));
const withIdentity = (face: Face, change: Partial<FaceIdentity>): Face => ({
  ...face,
  identity: { ...face.identity, ...change },
});
const withPhoto = (face: Face, change: Partial<FacePhoto>): Face => ({ ...face, photo: { ...face.photo, ...change } });

/** By how much each pixel differs, in the channel in which it does most. */
function differences(a: Face, b: Face): number[] {
  const [before, after] = [drawFace(a, SIZE).data, drawFace(b, SIZE).data];
  return Array.from({ length: SIZE * SIZE }, (_, i) =>
    Math.max(...[0, 1, 2].map((channel) => Math.abs(before[3 * i + channel]! - after[3 * i + channel]!))),
  );
}

/** Pixels that differ by more than what shows where a part covers less than half of a pixel. */
function changed(a: Face, b: Face): boolean[] {
  const by = differences(a, b);
  const most = by.reduce((x, y) => Math.max(x, y));
  return by.map((one) => one > Math.max(8, most / 2));
}

/** Pixels that show one of the parts in either picture, and those next to them: edges are soft. */
function near(parts: readonly FacePart[], ...pictures: readonly Face[]): boolean[] {
  const shown = pictures.map((face) => faceTruth(face, SIZE).parts);
  const places = parts.map((part) => FACE_PARTS.indexOf(part));
  const own = Array.from({ length: SIZE * SIZE }, (_, i) => shown.some((one) => places.includes(one[i]!)));
  return own.map((_, i) => {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
    for (let dy = -SOFT; dy <= SOFT; dy++) {
      for (let dx = -SOFT; dx <= SOFT; dx++) {
        if (x + dx >= 0 && x + dx < SIZE && own[(y + dy) * SIZE + x + dx] === true) return true;
      }
    }
    return false;
  });
}

/** Where pixels lie outside a region. */
const outside = (pixels: readonly boolean[], region: readonly boolean[]): string[] =>
  pixels.flatMap((is, i) => (is && !region[i] ? [`${i % SIZE},${Math.floor(i / SIZE)}`] : []));

test("the bytes of a seed never change", () => {
  const hash = createHash("sha256");
  for (const face of faces(FACE_DIGEST.faces, FACE_DIGEST.seed)) hash.update(drawFace(face, FACE_DIGEST.size).data);
  expect(hash.digest("hex")).toBe(FACE_DIGEST.sha256);
});

test("a row is the same whichever others are asked for, and is what the picture is", () => {
  const all = faceRows({ seed: 2, first: 0, count: 12, size: 24 });
  const each = 3 * 24 * 24;
  const some = faceRows({ seed: 2, first: 5, count: 4, size: 24 });
  expect(some.pixels).toEqual(all.pixels.slice(5 * each, 9 * each));
  expect(some.faces).toEqual(all.faces.slice(5, 9));
  expect(facePictures({ seed: 2, size: 24 }).rows([8, 5]).pixels.data.slice(each)).toEqual(some.pixels.slice(0, each));
  const { data } = drawFace(faceAt(2, 6), 24);
  const red = Array.from(some.pixels.slice(each, each + 576), (value) => Math.round((value + 1) * 127.5));
  expect(red).toEqual(Array.from({ length: 576 }, (_, i) => data[3 * i]));
  for (const name of NAMES) {
    const values: readonly string[] = FACE_ATTRIBUTES[name];
    expect([...some.attributes[name]].map((place) => values[place])).toEqual(
      some.faces.map(({ identity }) => identity[name]),
    );
  }
});

test("every value of every attribute occurs, and none tells of another", () => {
  const drawn = faces(2500, 3);
  const attributes = Object.fromEntries(
    NAMES.map((name) => {
      const values: readonly string[] = FACE_ATTRIBUTES[name];
      return [name, Int32Array.from(drawn, ({ identity }) => values.indexOf(identity[name]))];
    }),
  ) as Record<FaceAttribute, Int32Array>;
  for (const name of NAMES) expect(new Set(attributes[name]).size).toBe(FACE_ATTRIBUTES[name].length);
  // Cramér's V of independent attributes is near 0; of 2500 draws it stays below 0.1.
  for (const [i, a] of NAMES.entries()) {
    for (const b of NAMES.slice(i + 1)) expect(cramer(attributes[a], attributes[b]), `${a}, ${b}`).toBeLessThan(0.1);
  }
});

function cramer(a: Int32Array, b: Int32Array): number {
  const [rows, columns] = [Math.max(...a) + 1, Math.max(...b) + 1];
  const counts = new Float64Array(rows * columns);
  a.forEach((value, i) => counts[value * columns + b[i]!]!++);
  const across = Array.from({ length: rows }, (_, r) => a.filter((value) => value === r).length);
  const down = Array.from({ length: columns }, (_, c) => b.filter((value) => value === c).length);
  const square = counts.reduce((sum, count, i) => {
    const expected = (across[Math.floor(i / columns)]! * down[i % columns]!) / a.length;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  return Math.sqrt(square / a.length / Math.min(rows - 1, columns - 1));
}

describe("masks", () => {
  test("cover each pixel once, and show what the attributes say", () => {
    fc.assert(
      fc.property(anyFace, (face) => {
        const { masks, parts } = faceTruth(face, SIZE);
        const area = (part: FacePart): number => masks[part].reduce((sum, one) => sum + one, 0);
        expect(FACE_PARTS.reduce((sum, part) => sum + area(part), 0)).toBe(SIZE * SIZE);
        FACE_PARTS.forEach((part, place) => {
          expect([...masks[part]]).toEqual(Array.from(parts, (shown) => Number(shown === place)));
        });
        const { hat, glasses, beard, hairLength } = face.identity;
        expect(area("hat") > 0).toBe(hat !== "none");
        expect(area("glasses") > 0).toBe(glasses !== "none");
        expect(area("beard") > 0).toBe(beard !== "none" && beard !== "stubble");
        if (hairLength === "none") expect(area("hair")).toBe(0);
        for (const part of ["background", "clothes", "skin", "nose"] as const) expect(area(part)).toBeGreaterThan(0);
        if (glasses !== "sunglasses") expect(area("eyes")).toBeGreaterThan(0);
      }),
      { numRuns: 12 },
    );
  });

  const colours: readonly (readonly [name: string, change: (face: Face) => Face, parts: readonly FacePart[]])[] = [
    [
      "eyes",
      (face) => withIdentity(face, { eyeColour: face.identity.eyeColour === "blue" ? "brown" : "blue" }),
      ["eyes"],
    ],
    [
      "hair",
      (face) => withIdentity(face, { hairColour: face.identity.hairColour === "blond" ? "black" : "blond" }),
      ["hair", "brows", "beard", "eyes"],
    ],
    [
      "lips",
      (face) => withIdentity(face, { proportions: { ...face.identity.proportions, lipColour: 1.5 } }),
      ["mouth"],
    ],
    [
      "hat",
      (face) =>
        withIdentity(face, {
          proportions: { ...face.identity.proportions, hatColour: -face.identity.proportions.hatColour },
        }),
      ["hat"],
    ],
  ];

  test.each(colours)("agree with pixels: another colour of %s changes those pixels alone", (_name, change, parts) => {
    for (const drawn of faces(8, 4)) {
      // Stubble is no part of its own, and behind a frame a sliver of a brow may show.
      const beard = drawn.identity.beard === "stubble" ? "full" : drawn.identity.beard;
      const face = withIdentity(drawn, { beard, glasses: "none" });
      const other = change(face);
      expect(outside(changed(face, other), near(parts, face, other))).toEqual([]);
    }
  });

  test("another skin leaves clothes, backdrop and hat as they are", () => {
    for (const face of faces(8, 5)) {
      const other = withIdentity(face, { skin: face.identity.skin === "fair" ? "brown" : "fair" });
      const differs = changed(face, other);
      const { masks } = faceTruth(face, SIZE);
      // Edges are soft: only pixels away from skin count.
      const skinned = near(["skin", "nose", "eyes", "brows", "mouth", "beard", "glasses"], face);
      for (const part of ["background", "clothes", "hat", "hair"] as const) {
        expect(masks[part].filter((one, i) => one === 1 && differs[i] && !skinned[i]).length).toBe(0);
      }
      expect(differences(face, other).filter((by, i) => by > 0 && masks.skin[i] === 1).length).toBeGreaterThan(20);
    }
  });
});

describe("a change of one attribute changes the picture where it should", () => {
  const regions: Partial<Record<FaceAttribute, readonly FacePart[]>> = {
    eyeShape: ["eyes"],
    brows: ["brows"],
    mouth: ["mouth", "beard", "skin"],
    glasses: ["glasses", "eyes", "brows", "skin", "nose"],
    hat: ["hat", "hair", "skin", "brows", "nose"],
  };
  test.each(Object.entries(regions) as [FaceAttribute, readonly FacePart[]][])("%s", (name, parts) => {
    for (const drawn of faces(4, 6)) {
      const face = withIdentity(drawn, { glasses: "none" });
      for (const value of FACE_ATTRIBUTES[name]) {
        const other = withIdentity(face, { [name]: value });
        expect(outside(changed(face, other), near(parts, face, other)), value).toEqual([]);
      }
    }
  });

  test("each value looks unlike the others", () => {
    const plain = withIdentity(faceAt(7, 0), { glasses: "none", hat: "none", hairLength: "medium", beard: "full" });
    for (const name of NAMES) {
      const pictures = FACE_ATTRIBUTES[name].map((value) =>
        drawFace(withIdentity(plain, { [name]: value }), 64).data.join(),
      );
      expect(new Set(pictures).size, name).toBe(pictures.length);
    }
  });
});

describe("people and their pictures", () => {
  test("a person stays the same from picture to picture; a picture's circumstances do not depend on who it is of", () => {
    const [anna, bert] = [identityAt(1, 0), identityAt(1, 1)];
    expect(identityAt(1, 0)).toEqual(anna);
    expect(anna).not.toEqual(bert);
    expect(photographOf(anna, 5).identity).toBe(anna);
    expect(photographOf(anna, 5)).toEqual(photographOf(anna, 5));
    expect(photographOf(anna, 5).photo).toEqual(photographOf(bert, 5).photo);
    expect(photographOf(anna, 6).photo).not.toEqual(photographOf(anna, 5).photo);
    const [one, other] = [drawFace(photographOf(anna, 5), 64).data, drawFace(photographOf(bert, 5), 64).data];
    expect([...one.slice(0, 3 * 64 * 3)]).toEqual([...other.slice(0, 3 * 64 * 3)]);
  });

  test("when a head turns, the nose moves further than the eyes, and eyes are where they are said to be", () => {
    for (const drawn of faces(8, 8)) {
      const face = withPhoto(withIdentity(drawn, { glasses: "none", hat: "none" }), { roll: 0, pitch: 0, eyesOpen: 1 });
      const at = (yaw: number): ReturnType<typeof faceTruth> => faceTruth(withPhoto(face, { yaw }), 96);
      const [left, right] = [at(-0.35), at(0.35)];
      const moved = (of: "leftEye" | "rightEye" | "nose"): number => right.landmarks[of][0] - left.landmarks[of][0];
      const eyes = (moved("leftEye") + moved("rightEye")) / 2;
      expect(eyes).toBeGreaterThan(3);
      expect(moved("nose")).toBeGreaterThan(1.2 * eyes);
      const { masks, landmarks } = at(0);
      for (const [side, half] of [
        ["leftEye", 0],
        ["rightEye", 1],
      ] as const) {
        const middle = (landmarks.leftEye[0] + landmarks.rightEye[0]) / 2;
        let [x, y, count] = [0, 0, 0];
        masks.eyes.forEach((one, i) => {
          if (one === 0 || Number((i % 96) + 0.5 > middle) !== half) return;
          x += (i % 96) + 0.5;
          y += Math.floor(i / 96) + 0.5;
          count++;
        });
        expect(count).toBeGreaterThan(8);
        expect(Math.hypot(x / count - landmarks[side][0], y / count - landmarks[side][1])).toBeLessThan(3);
      }
    }
  });

  test("the side that faces the light is the brighter one", () => {
    for (const drawn of faces(8, 9)) {
      const face = withPhoto(withIdentity(drawn, { hairLength: "none", hat: "none" }), {
        yaw: 0,
        roll: 0,
        contrast: 0.7,
      });
      const balance = (lightX: number): number => {
        const lit = withPhoto(face, { lightX });
        const { masks, landmarks } = faceTruth(lit, SIZE);
        const { data } = drawFace(lit, SIZE);
        const middle = landmarks.nose[0];
        const sums = [0, 0];
        const counts = [0, 0];
        masks.skin.forEach((one, i) => {
          if (one === 0) return;
          const half = Number((i % SIZE) + 0.5 > middle);
          sums[half]! += data[3 * i + 1]!;
          counts[half]!++;
        });
        return sums[1]! / counts[1]! - sums[0]! / counts[0]!;
      };
      expect(balance(1)).toBeGreaterThan(4);
      expect(balance(-1)).toBeLessThan(-4);
    }
  });
});

test("words say every named attribute, and what a picture shows", () => {
  fc.assert(
    fc.property(anyFace, (face) => {
      const words = describeFace(face);
      expect(words).toMatch(/^a person with [a-z, ]+$/);
      const { hairLength, hairStyle, ...others } = face.identity;
      for (const [name, value] of Object.entries(others)) {
        if (!(name in FACE_ATTRIBUTES) || value === "none") continue;
        if (name === "hairColour" && hairLength === "none") expect(words).toContain("no hair");
        else expect(words).toContain(value);
      }
      if (hairLength !== "none") expect(words).toContain(hairStyle);
    }),
  );
  const face = faceAt(1, 1);
  const plain = withPhoto(face, { yaw: 0, smile: 0, lightX: 0, backdrop: "plain" });
  expect(describeFace(plain)).toBe(describeIdentity(face.identity));
  expect(describeFace(withPhoto(plain, { yaw: -0.4, smile: 1, mouthOpen: 1, lightX: 1, backdrop: "hills" }))).toBe(
    `${describeIdentity(face.identity)}, turned to the left, laughing, lit from the right, before hills`,
  );
});

test("the picture of a larger size is the same picture", () => {
  for (const face of faces(5, 11)) {
    const [small, large] = [drawFace(face, 64).data, drawFace(face, 192).data];
    let sum = 0;
    for (let i = 0; i < 64 * 64; i++) {
      const [x, y] = [3 * (i % 64), 3 * Math.floor(i / 64)];
      let mean = 0;
      for (let k = 0; k < 9; k++) mean += large[3 * ((y + Math.floor(k / 3)) * 192 + x + (k % 3)) + 1]! / 9;
      sum += Math.abs(mean - small[3 * i + 1]!);
    }
    expect(sum / 4096).toBeLessThan(2.5);
  }
});

test("refuses sizes that there are not", () => {
  for (const size of [15, 40.5, 5000, NaN]) {
    expect(() => drawFace(faceAt(1, 1), size)).toThrow(UsageError);
    expect(() => faceRows({ seed: 1, first: 0, count: 1, size })).toThrow(UsageError);
  }
});
