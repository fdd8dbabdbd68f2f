/** What `vitrine retrieve` and `vitrine interpret` make of their arguments. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openGallery } from "../../src/cli/interpret/gallery.js";
import { parseHead } from "../../src/cli/head-names.js";
import { readLexicon } from "../../src/cli/interpret/lexicon.js";
import { HeadReader } from "../../src/cli/interpret/readings.js";
import { soughtBy } from "../../src/cli/interpret/search.js";
import { runContrast } from "../../src/cli/commands/interpret-maps.js";
import { loadClip } from "../../src/models/clip/load.js";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";

const SCENE = join(ROOT, "examples/scene.png");
const folder = scratchFolder();
const file = (name: string): string => join(folder, name);
await writeFile(file("one.txt"), "only\nonly\n");
await writeFile(file("two.txt"), "one\n\n two \r\none\n");
await writeFile(file("list.json"), '["red"]');
await writeFile(file("empty.json"), "{}");
await writeFile(file("broken.png"), "no picture");
await writeFile(file("some.json"), '{"number": ["one"], "more": ["two"]}');

test("heads by name", () => {
  for (const name of ["3.10", "L3.H10", " l3.h10 "]) expect(parseHead(name)).toEqual({ layer: 3, head: 10 });
  for (const name of ["3", "3.x", "3.1.2", "-1.0", ""]) expect(() => parseHead(name)).toThrow("no name of a head");
});

test("pictures and texts to search for", () => {
  expect(soughtBy(SCENE).kind).toBe("image");
  expect(soughtBy("missing.png").kind).toBe("image");
  expect(soughtBy("a red fish").kind).toBe("text");
  expect(soughtBy("a fish and/or a bird").kind).toBe("text");
  expect(() => soughtBy("  ")).toThrow("an empty query");
});

test("pictures to search", async () => {
  await using clip = await loadClip("clip-scenes");
  const scenes = { count: 3, seed: 5, batch: 2 };
  await using drawn = await openGallery(clip, scenes);
  expect([drawn.about, drawn.names.length, drawn.notes!.length]).toEqual(["3 scenes (seed 5)", 3, 3]);
  await using files = await openGallery(clip, { ...scenes, among: [join(ROOT, "examples")] });
  expect(files.names).toContain(SCENE);
  expect((await files.read(0, 2)).shape).toEqual([2, 3, 64, 64]);
  expect((await files.picture(0, 96)).width).toBe(96);
  const both = { ...scenes, among: [SCENE], world: "scenes" as const };
  await expect(openGallery(clip, both)).rejects.toThrow("one or the other");
  const none = openGallery(clip, { ...scenes, among: [join(ROOT, "docs")] });
  await expect(none).rejects.toThrow("no pictures in this folder");
  await expect(openGallery(clip, { ...scenes, among: [file("absent.png")] })).rejects.toMatchObject({
    code: "image-file-missing",
  });
  const broken = file("broken.png");
  await using usable = await openGallery(clip, { ...scenes, batch: 8, among: [broken, SCENE, SCENE] });
  expect([usable.names, usable.about]).toEqual([[SCENE, SCENE], "2 pictures"]);
  expect((await usable.read(0, 2)).shape).toEqual([2, 3, 64, 64]);
  expect((await usable.picture(1, 32)).width).toBe(32);
  await using strict = await openGallery(clip, { ...scenes, batch: 8, among: [broken, SCENE], strict: true });
  await expect(strict.read(0, 2)).rejects.toThrow("broken.png");
});

describe("texts and properties", () => {
  test("are those of scenes by default, equally many of each attribute", async () => {
    const { assignments, properties } = await readLexicon({});
    const counts = properties.map(({ name }) => assignments!.filter((one) => one.properties.join() === name).length);
    expect(Object.fromEntries(properties.map(({ name }, i) => [name, counts[i]]))).toEqual({
      ...{ shape: 14, colour: 14, texture: 14, size: 14, position: 14, background: 14, style: 14 },
      ...{ count: 9, relation: 8 },
    });
  });

  test("come from files", async () => {
    const found = await readLexicon({ pool: file("two.txt"), properties: file("some.json"), assign: "words" });
    expect(found.texts).toEqual(["one", "two"]);
    expect(found.assignments!.map(({ properties }) => properties)).toEqual([["number"], ["more"]]);
    const general = await readLexicon({ pool: file("two.txt") });
    expect([general.assign, general.assignments]).toEqual(["nearness", undefined]);
    expect(general.properties.map(({ name }) => name)).toContain("weather");
  });

  test.each([
    [{ pool: file("one.txt") }, "too few texts"],
    [{ pool: file("none.txt") }, "cannot read the pool of texts"],
    [{ properties: SCENE }, "not JSON"],
    [{ properties: file("list.json") }, "another form"],
    [{ properties: file("empty.json") }, "another form"],
    [{ pool: file("two.txt"), texts: 3 }, "at most the 2 of the pool"],
    [{ labelModel: "tiny" }, "without --label-endpoint"],
  ])("%j are refused", async (options, message) => {
    await expect(HeadReader.open({ texts: 2, ...options })).rejects.toThrow(message);
  });
});

test("contrast takes two texts", async () => {
  const options = { model: "clip-scenes", device: "cpu", text: ["a star"], batch: 1 } as const;
  await expect(runContrast([SCENE], options)).rejects.toThrow("give --text twice");
});
