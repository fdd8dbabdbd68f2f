/** `vitrine words` as users run it: with itself, with a picture, and what it writes. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dotRows, normaliseRows } from "../../src/engine/tensor/rows.js";
import { decodeImage } from "../../src/engine/media/decode.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../src/engine/weights/safetensors/read.js";
import { wordAttributions } from "../../src/methods/decompose/words.js";
import { loadClip } from "../../src/models/clip/load.js";
import { largestDifference } from "../support/clips.js";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

interface Document {
  readonly with: { readonly kind: string; readonly names?: readonly string[] };
  readonly texts: readonly {
    readonly text: string;
    readonly with: readonly {
      readonly cosine: number;
      readonly words: readonly { readonly kind: string; readonly word: string; readonly value: number }[];
      readonly heads: readonly { readonly layer: number; readonly head: number; readonly value: number }[];
      readonly start: number;
      readonly mlps: readonly number[];
    }[];
  }[];
  readonly files: readonly string[];
}

const folder = scratchFolder();
const scene = join(ROOT, "examples/scene.png");
const texts = ["a mushroom at the bottom", "a  Zeppelin"];

test("with a picture: parts that add up to the cosine, as JSON, tensors, a table and figures", async () => {
  const out = join(folder, "out");
  const { code, stdout, stderr } = await vitrine(["words", ...texts, "--image", scene, "--out", out, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const document = JSON.parse(stdout) as Document;

  await using clip = await loadClip("clip-scenes");
  const picture = normaliseRows(await clip.encodeImage(clip.preprocess([await decodeImage(scene)])));
  const cosines = dotRows(normaliseRows(await clip.encodeText(texts)), picture).data;
  const add = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  for (const [
    i,
    {
      with: [one],
    },
  ] of document.texts.entries()) {
    const mlps = add([one!.start, ...one!.mlps]);
    expect(one!.cosine).toBeCloseTo(cosines[i]!, 6);
    expect(add(one!.words.map(({ value }) => value)) + mlps).toBeCloseTo(cosines[i]!, 5);
    expect(add(one!.heads.map(({ value }) => value)) + mlps).toBeCloseTo(cosines[i]!, 5);
  }
  expect(document.texts[0]!.with[0]!.words.map(({ word }) => word)).toEqual([
    "",
    "a",
    "mushroom",
    "at",
    "the",
    "bottom",
    "",
  ]);
  expect(document.texts[1]!.with[0]!.words.map(({ word }) => word)).toEqual(["", "a", "zeppelin", ""]);

  const { tensors, metadata } = await readSafetensorsHeader(join(out, "words.safetensors"));
  const [wanted] = await wordAttributions(clip, texts, picture);
  expect(largestDifference(readStored(tensors.get("cells.0.0")!).data, wanted![0]!.cells.data)).toBeLessThan(1e-6);
  expect(JSON.parse(metadata["words"]!)).toEqual([
    ["<start>", "a", "mushroom", "at", "the", "bottom", "<end>"],
    ["<start>", "a", "zeppelin", "<end>"],
  ]);
  const rows = readFileSync(join(out, "words.csv"), "utf8").trim().split("\n").slice(1);
  expect(rows).toHaveLength(3 * 4 * (7 + 4) + 2 * 4);
  expect(add(rows.map((row) => Number(row.split(",").at(-1))))).toBeCloseTo(cosines[0]! + cosines[1]!, 4);
  expect(document.files).toHaveLength(4);
  for (const file of document.files) expect(existsSync(file), file).toBe(true);
});

test("with itself, for people", async () => {
  const { code, stdout } = await vitrine(["words", texts[0]!, "--top", "2"]);
  expect(code).toBe(0);
  expect(stdout).toContain("“a mushroom at the bottom” with itself: cosine +1.0000\n");
  expect(stdout).toMatch(/\n {2}mushroom +\+0\.\d{4} {2}█/);
  expect(stdout.match(/^ {4}L\d\.H\d +[+−]0\.\d{4} {3}most by /gm)).toHaveLength(2);
});

test.concurrent.each([
  ["a a", /the same text twice.*\[usage\]/],
  ["a --against b --against b", /the same --against twice.*\[usage\]/],
  ["a --against b --image examples/scene.png", /--image and --against at once.*\[usage\]/],
])("%j is refused", async (args, says) => {
  const { code, stdout, stderr } = await vitrine(["words", ...args.split(" ")]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(says);
});
