/** `vitrine world`, in a process of its own. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeImage } from "../../src/engine/media/decode.js";
import { drawGlyph, type Glyph, glyphAt } from "../../src/worlds/glyphs/index.js";
import { type Scene, sceneTruth, type SceneTruth } from "../../src/worlds/scenes/index.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";
import { readCaption, untruth } from "./scenes/reader.js";

const folder = scratchFolder();
const file = (name: string): string => join(folder, name);

interface Document {
  readonly scenes: readonly {
    readonly scene: Scene;
    readonly caption: string;
    readonly full_caption: string;
    readonly truth: Omit<SceneTruth, "objects"> & { readonly objects: readonly { readonly mask: readonly number[] }[] };
  }[];
  readonly files: readonly string[];
}

test("writes a contact sheet, the same for the same seed", async () => {
  const args = ["world", "scenes", "--count", "5", "--columns", "3", "--size", "48"];
  for (const name of ["a.png", "b.png"]) expect((await vitrine([...args, "--out", file(name)])).code).toBe(0);
  const bytes = await readFile(file("a.png"));
  expect(bytes.equals(await readFile(file("b.png")))).toBe(true);
  const { width, height } = await decodeImage(bytes);
  expect([width, height]).toEqual([4 + 3 * 52, 4 + 2 * 52]);
  await vitrine([...args, "--seed", "1", "--out", file("c.png")]);
  expect(bytes.equals(await readFile(file("c.png")))).toBe(false);
});

test("--captions makes room for words", async () => {
  const args = ["world", "scenes", "--count", "2", "--columns", "2", "--size", "96", "--captions"];
  const { stdout, code } = await vitrine([...args, "--out", file("words.png")]);
  expect([code, stdout]).toEqual([0, `Wrote 2 pictures of 96 × 96 (seed 0) to ${file("words.png")}.\n`]);
  const { width, height, data } = await decodeImage(await readFile(file("words.png")));
  const below = data.subarray(3 * width * (8 + 96 + 1));
  expect(height).toBeGreaterThan(8 + 96 + 8);
  expect(below.some((value) => value < 100)).toBe(true);
});

test("--json prints scenes, true captions and the truth", async () => {
  const { stdout } = await vitrine(["world", "scenes", "--json", "--count", "20", "--size", "64", "--spurious", "1"]);
  const { scenes, files } = JSON.parse(stdout) as Document;
  expect(scenes).toHaveLength(20);
  expect(files).toEqual([]);
  for (const { scene, caption, full_caption: full, truth } of scenes) {
    for (const text of [caption, full]) expect(untruth(scene, readCaption(text))).toBeUndefined();
    const expected = sceneTruth(scene, 64);
    expect(truth).toMatchObject({ background: scene.background, relations: expected.relations });
    truth.objects.forEach(({ mask }, i) => {
      const pixels = mask.flatMap((length, run) => new Array<number>(length).fill(run % 2));
      expect(pixels).toEqual([...expected.objects[i]!.mask]);
    });
    const fish = scene.objects.some(({ shape }) => shape === "fish");
    expect(scene.background === "sea").toBe(fish);
  }
});

test("glyphs: a sheet, and what each is", async () => {
  const args = ["world", "glyphs", "--classes", "7K", "--count", "6", "--columns", "6", "--size", "28", "--seed", "4"];
  const { stdout, code } = await vitrine([...args, "--json", "--out", file("glyphs.png")]);
  expect(code).toBe(0);
  const { glyphs } = JSON.parse(stdout) as { glyphs: { glyph: Glyph }[] };
  expect(glyphs.map(({ glyph }) => glyph)).toEqual(
    Array.from({ length: 6 }, (_, i) => glyphAt(4, i, { classes: ["7", "K"] })),
  );
  const { data, width } = await decodeImage(await readFile(file("glyphs.png")));
  const drawn = drawGlyph(glyphs[1]!.glyph, 28);
  const middle = Array.from({ length: 20 }, (_, x) => data[3 * ((2 + 14) * width + 2 + 30 + 4 + x)]!);
  expect(middle).toEqual(
    Array.from(drawn.slice(14 * 28 + 4, 14 * 28 + 24), (value) => Math.round((value + 1) * 127.5)),
  );
});

test("does not overwrite without --force", async () => {
  await writeFile(file("mine.png"), "mine");
  const args = ["world", "scenes", "--count", "1", "--out", file("mine.png")];
  const refused = await vitrine(args);
  expect([refused.code, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toMatch(/\[output-exists\]\n$/);
  expect(await readFile(file("mine.png"), "utf8")).toBe("mine");
  expect((await vitrine([...args, "--force"])).code).toBe(0);
  expect((await decodeImage(await readFile(file("mine.png")))).width).toBe(11 + 128 + 11);
});

test.each([
  [["forests", "--json"], /no such world: got "forests", expected scenes, faces, glyphs \[usage\]/],
  [["glyphs", "--json", "--spurious", "1"], /--spurious means nothing for glyphs; leave it out/],
  [["glyphs", "--json", "--classes", "8!"], /no such class of glyphs: classes: got "!"/],
  [["scenes"], /nothing to do; pass --out FILE for a contact sheet, or --json \[usage\]/],
  [["scenes", "--json", "--spurious", "1.5"], /expected a number from 0 to 1/],
  [["scenes", "--json", "--count", "0"], /expected a whole number from 1 to 1000/],
])("refuses %j", async (args, message) => {
  const { code, stderr } = await vitrine(["world", ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test("says where it cannot write", async () => {
  const out = file("missing/sheet.png");
  const { code, stderr } = await vitrine(["world", "scenes", "--count", "1", "--out", out]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/\[file-unwritable\]\n$/);
  expect(existsSync(out)).toBe(false);
});
