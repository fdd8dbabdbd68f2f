/** Pictures to train on, from files. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { encodePng } from "../../../src/engine/media/encode.js";
import { rgbImage } from "../../../src/engine/media/image.js";
import { openPictures } from "../../../src/engine/media/open-pictures.js";
import { holdOut, pictureBatches } from "../../../src/engine/train/picture-batches.js";
import { glyphPictures, glyphRows } from "../../../src/worlds/glyphs/index.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const GREY = { size: 4, channels: 1 } as const;
const file = (...names: string[]): string => join(folder, ...names);

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: Uint8Array, type = 8): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  shape.forEach((length, axis) => {
    new DataView(header.buffer).setUint32(4 + 4 * axis, length);
  });
  return new Uint8Array([...header, ...data]);
}

const SAMPLES = Uint8Array.from({ length: 3 * 16 }, (_, i) => (i * 37) % 256);
const expectedLevels = [...SAMPLES].map((level) => Math.fround(level / 127.5 - 1));

async function png(
  path: string,
  width: number,
  height: number,
  colour: (x: number, y: number) => number[],
): Promise<void> {
  const data = Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width))).flat();
  await writeFile(path, await encodePng(rgbImage(width, height, Uint8Array.from(data))));
}

describe("IDX", () => {
  test("pictures are read with the labels beside them, gzipped or not", async () => {
    for (const [name, pack] of [
      ["plain", (bytes: Uint8Array) => bytes],
      ["packed", (bytes: Uint8Array) => gzipSync(bytes)],
    ] as const) {
      await mkdir(file(name));
      const end = name === "packed" ? ".gz" : "";
      await writeFile(file(name, `t-images-idx3-ubyte${end}`), pack(idx([3, 4, 4], SAMPLES)));
      await writeFile(file(name, `t-labels-idx1-ubyte${end}`), pack(idx([3], Uint8Array.of(2, 0, 1))));
      for (const path of [file(name), file(name, `t-images-idx3-ubyte${end}`)]) {
        const pictures = await openPictures(path, GREY);
        expect(pictures).toMatchObject({ count: 3, channels: 1, size: 4, classes: ["0", "1", "2"] });
        const { pixels, labels } = pictures.rows([0, 1, 2]);
        expect(pixels.shape).toEqual([3, 1, 4, 4]);
        expect([...pixels.data]).toEqual(expectedLevels);
        expect([...labels!]).toEqual([2, 0, 1]);
        expect([...pictures.rows([2, 0]).labels!]).toEqual([1, 2]);
        expect([...pictures.rows([2]).pixels.data]).toEqual(expectedLevels.slice(32));
      }
    }
    const identities = await Promise.all(
      ["plain", "packed"].map(async (n) => (await openPictures(file(n), GREY)).identity),
    );
    expect(identities[0]).toBe(identities[1]);
  });

  test("grey becomes three equal channels, another size is resized, and a limit takes the first", async () => {
    const path = file("plain", "t-images-idx3-ubyte");
    const { pixels } = (await openPictures(path, { size: 4, channels: 3 })).rows([1]);
    for (const channel of [0, 1, 2]) {
      expect([...pixels.data.slice(channel * 16, channel * 16 + 16)]).toEqual(expectedLevels.slice(16, 32));
    }
    expect((await openPictures(path, { size: 9, channels: 1 })).rows([0]).pixels.shape).toEqual([1, 1, 9, 9]);
    const two = await openPictures(path, { ...GREY, limit: 2 });
    expect(two.count).toBe(2);
    expect(() => two.rows([2])).toThrow(RangeError);
  });

  const whole = idx([3, 4, 4], SAMPLES);
  test.each([
    [
      "idx-format",
      "text",
      new TextEncoder().encode("hello, I am text"),
      /begins with 104 101 108 108.*begins with 0 0 8 3/,
    ],
    [
      "idx-format",
      "floats",
      idx([3, 4, 4], SAMPLES, 13),
      /got samples of 32-bit floats, expected samples of unsigned bytes/,
    ],
    ["idx-format", "labels", idx([48], SAMPLES), /got labels \(one axis\), expected pictures \(three axes\)/],
    ["idx-format", "none", idx([0, 4, 4], new Uint8Array()), /got 0 pictures of 4 × 4/],
    ["idx-format", "gzip", gzipSync(whole).subarray(0, 40), /a gzip file that does not unpack/],
    ["idx-size", "header", whole.subarray(0, 9), /got 9 bytes, expected at least 16 bytes/],
    ["idx-size", "short", whole.subarray(0, 50), /got 50 bytes, expected 64 bytes for 3 × 4 × 4 samples/],
    ["idx-size", "long", new Uint8Array([...whole, 0]), /got 65 bytes, expected 64/],
    ["image-file-empty", "empty", new Uint8Array(), /0 bytes/],
  ])("refuses with %s: %s", async (code, name, bytes, message) => {
    const path = file(`${name}-images-idx3-ubyte`);
    await writeFile(path, bytes);
    await expect(openPictures(path, GREY)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  test("refuses labels of other pictures, and several files of equal claim", async () => {
    const path = file("other-images-idx3-ubyte");
    await writeFile(path, whole);
    await writeFile(file("other-labels-idx1-ubyte"), idx([2], Uint8Array.of(1, 1)));
    await expect(openPictures(path, GREY)).rejects.toThrow(
      /not as many labels as pictures: .*got 2 labels, expected 3/,
    );
    await mkdir(file("many"));
    for (const name of ["a", "b"]) await writeFile(file("many", `${name}-images-idx3-ubyte`), whole);
    await expect(openPictures(file("many"), GREY)).rejects.toThrow(/several IDX files .*a-images-idx3-ubyte, b-images/);
    await writeFile(file("many", "train-images-idx3-ubyte"), whole);
    expect((await openPictures(file("many"), GREY)).description).toContain("train-images");
    await png(file("many", "too.png"), 4, 4, () => [0, 0, 0]);
    await expect(openPictures(file("many"), GREY)).rejects.toThrow(/both pictures and IDX .*too.png and train-images/);
  });

  test("no damage makes it crash otherwise", async () => {
    const path = file("damaged-images-idx3-ubyte");
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.integer({ min: 0, max: 255 }), async (at, value) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = value;
        await writeFile(path, bytes);
        const opened = await openPictures(path, GREY).catch((error: unknown) => error);
        if (opened instanceof Error) expect(opened).toHaveProperty("code", expect.stringMatching(/^idx-/));
        else expect(opened).toHaveProperty("size", 4);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a folder", () => {
  const red = [200, 0, 0];
  const blue = [0, 0, 240];

  beforeAll(async () => {
    for (const name of ["zoo/cats", "zoo/ants", "flat"]) await mkdir(file(...name.split("/")), { recursive: true });
    await png(file("zoo", "cats", "b.png"), 4, 4, () => red);
    await png(file("zoo", "cats", "a.png"), 8, 4, (x) => (x >= 2 && x < 6 ? blue : red));
    await png(file("zoo", "ants", "c.png"), 4, 4, () => [9, 9, 9]);
    await writeFile(file("zoo", "ants", ".hidden.png"), "nothing");
    await writeFile(file("zoo", "readme.txt"), "nothing");
    for (let i = 0; i < 6; i++) await png(file("flat", `${i}.png`), 4, 4, () => [40 * i, 0, 0]);
  });

  test("has its pictures by name, with sub-folders as classes, their middles resized", async () => {
    const pictures = await openPictures(file("zoo"), { size: 4, channels: 3 });
    expect(pictures).toMatchObject({
      count: 3,
      classes: ["ants", "cats"],
      description: "3 pictures of the folder zoo",
    });
    const { pixels, labels } = pictures.rows([0, 1, 2]);
    expect([...labels!]).toEqual([0, 1, 1]);
    const planes = (row: number): number[] =>
      [0, 1, 2].map((c) => Math.round((pixels.data[row * 48 + c * 16 + 5]! + 1) * 127.5));
    expect([planes(0), planes(1), planes(2)]).toEqual([[9, 9, 9], blue, red]);
    expect(
      [...pictures.rows([1]).pixels.data].every((value) => value === -1 || value === Math.fround(240 / 127.5 - 1)),
    ).toBe(true);
  });

  test("one channel is what Pillow calls L", async () => {
    const { pixels } = (await openPictures(file("zoo"), GREY)).rows([1, 2]);
    // 0.299 · 200 and 0.114 · 240, rounded.
    expect([...new Set(pixels.data)]).toEqual([27, 60].map((level) => Math.fround(level / 127.5 - 1)));
  });

  test("without sub-folders has no classes; a limit takes pictures from all of it", async () => {
    const pictures = await openPictures(file("flat"), { size: 4, channels: 3, limit: 3 });
    expect(pictures.classes).toBeUndefined();
    const reds = [0, 1, 2].map((row) => pictures.rows([row]).pixels.data[0]!);
    expect(reds.map((value) => Math.round((value + 1) * 127.5))).toEqual([0, 80, 160]);
    expect(pictures.rows([0]).labels).toBeUndefined();
  });

  test("names files that cannot be read, and leaves them out or stops", async () => {
    await mkdir(file("torn"));
    await png(file("torn", "a.png"), 4, 4, () => red);
    await writeFile(file("torn", "b.png"), (await readFile(file("torn", "a.png"))).subarray(0, 60));
    await writeFile(file("torn", "c.png"), "no picture");
    await png(file("torn", "d.png"), 4, 4, () => blue);
    const skipped: string[] = [];
    const pictures = await openPictures(file("torn"), {
      ...GREY,
      onSkip: (path, { code }) => skipped.push(`${path} ${code}`),
    });
    expect(skipped).toEqual([`${file("torn", "b.png")} image-corrupt`, `${file("torn", "c.png")} not-an-image`]);
    expect(pictures.count).toBe(2);
    expect(pictures.rows([1]).pixels.data[0]).toBe(Math.fround(27 / 127.5 - 1));
    await expect(openPictures(file("torn"), GREY)).rejects.toThrow(/b\.png/);
  });

  test("refuses a folder without pictures, one of which none can be read, and none at all", async () => {
    await mkdir(file("void"));
    await expect(openPictures(file("void"), GREY)).rejects.toThrow(UsageError);
    await writeFile(file("void", "x.png"), "no picture");
    await expect(openPictures(file("void"), { ...GREY, onSkip: () => undefined })).rejects.toThrow(
      /none of its 1 files/,
    );
    await expect(openPictures(file("nowhere"), GREY)).rejects.toThrow(
      expect.objectContaining({ code: "image-file-missing" }) as Error,
    );
  });
});

describe("batches", () => {
  test("of files show each picture once a round; of a world, each once", async () => {
    const pictures = await openPictures(file("flat"), GREY);
    const batch = pictureBatches(pictures, { batchSize: 4, seed: 3 });
    const seen = [0, 1, 2].flatMap((step) => Array.from({ length: 4 }, (_, i) => batch(step).pixels.data[16 * i]!));
    for (const round of [seen.slice(0, 6), seen.slice(6)]) expect(new Set(round).size).toBe(6);
    expect(batch(1)).toEqual(pictureBatches(pictures, { batchSize: 4, seed: 3 })(1));

    const world = glyphPictures({ seed: 5, size: 12, classes: ["1", "2"] });
    const { pixels, labels } = glyphRows({ seed: 5, first: 8, count: 4, size: 12, classes: ["1", "2"] });
    expect(pictureBatches(world, { batchSize: 4, seed: 0 })(2)).toEqual({
      pixels: { ...batch(0).pixels, shape: [4, 1, 12, 12], data: pixels },
      labels,
    });
  });

  test("held-out pictures are not trained on, and no picture is lost", async () => {
    const pictures = await openPictures(file("flat"), GREY);
    const { training, heldOut } = holdOut(pictures, 2, 7);
    expect([training.count, heldOut.count]).toEqual([4, 2]);
    const values = [...training.rows([0, 1, 2, 3]).pixels.data, ...heldOut.rows([0, 1]).pixels.data];
    expect(new Set(values)).toEqual(new Set(pictures.rows([0, 1, 2, 3, 4, 5]).pixels.data));
    expect(training.identity).not.toBe(heldOut.identity);
    expect(() => heldOut.rows([2])).toThrow(RangeError);
    for (const count of [6, -1, 0.5]) expect(() => holdOut(pictures, count, 7)).toThrow(UsageError);
    expect(() => holdOut(glyphPictures({ seed: 1, size: 12 }), 5, 1)).toThrow(UsageError);
  });
});
