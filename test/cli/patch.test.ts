/** `vitrine patch` as users run it: scenes by default, pictures of their own, and what it writes. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../src/engine/media/encode.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../src/engine/weights/safetensors/read.js";
import { contrastsWith } from "../../src/methods/decompose/attribution.js";
import { zeroShotWeights } from "../../src/methods/decompose/zero-shot.js";
import { patchGrid } from "../../src/methods/patching/patch-grid.js";
import { recovery } from "../../src/methods/patching/recovery.js";
import { loadClip } from "../../src/models/clip/load.js";
import { Random, renderScene, scenePair } from "../../src/worlds/scenes/index.js";
import { largestDifference } from "../support/clips.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

interface Document {
  readonly text: string;
  readonly against: readonly string[];
  readonly grid: readonly number[];
  readonly pictures: {
    readonly clean: { readonly name: string; readonly score: number };
    readonly corrupted: { readonly score: number };
    readonly controls: readonly unknown[];
  };
  readonly unit: string;
  readonly cells: readonly {
    readonly layer: number;
    readonly head?: number;
    readonly denoising: number;
    readonly control?: number;
  }[];
  readonly files: readonly string[];
}

const folder = scratchFolder();
const clip = await loadClip("clip-scenes");

describe("two pictures, tokens, with a third for control", async () => {
  const { scenes } = scenePair(new Random(6), "colour");
  const paths = [0, 1, 2].map((i) => join(folder, `picture ${i}.png`));
  const images = [...scenes, scenePair(new Random(7), "shape").scenes[0]].map((scene) => renderScene(scene, 64));
  for (const [i, path] of paths.entries()) await writeFile(path, await encodePng(images[i]!));
  const out = join(folder, "out");
  const words = [
    "patch",
    ...paths.slice(0, 2),
    "--text",
    "something red",
    "--against",
    "something blue",
    "--site",
    "mlp.out",
    "--control",
    paths[2]!,
    "--out",
    out,
  ];
  const { code, stdout, stderr } = await vitrine([...words, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const document = JSON.parse(stdout) as Document;

  test("gives the grid of the method", async () => {
    const direction = contrastsWith(
      await zeroShotWeights(clip, ["something red"], ["{}"]),
      await zeroShotWeights(clip, ["something blue"], ["{}"]),
    );
    const [clean, corrupted, control] = images.map((image) => clip.preprocess([image]));
    const grid = await patchGrid(clip, { clean: clean!, corrupted: corrupted!, controls: [control!] }, direction, {
      site: "mlp.out",
    });
    const { tensors, metadata } = await readSafetensorsHeader(join(out, "patching.safetensors"));
    const written = (name: string): Float32Array => readStored(tensors.get(name)!).data;
    expect([...tensors.keys()].sort()).toEqual(["control", "controls", "denoised", "denoising", "noised", "noising"]);
    expect(largestDifference(written("denoised"), grid.denoised.data)).toBeLessThan(1e-6);
    expect(largestDifference(written("noising"), recovery(grid).noising.data)).toBeLessThan(1e-5);
    expect(metadata).toMatchObject({
      method: "patching",
      site: "visual.blocks.*.mlp.out",
      by: "tokens",
      unit: "fraction",
    });
    expect(document.grid).toEqual([4, 1, 65]);
    expect(document.cells).toHaveLength(4 * 65);
    expect(document.pictures.clean.score).toBeCloseTo(grid.clean_score, 6);
  });

  test("writes a table, a figure and a page, and does not overwrite them", async () => {
    expect(document.files.map((file) => file.slice(out.length + 1)).sort()).toEqual([
      "patching.csv",
      "patching.safetensors",
      "patching.svg",
      "report.html",
    ]);
    const rows = readFileSync(join(out, "patching.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(1 + 4 * 65);
    expect(rows[66]).toMatch(/^visual\.blocks\.1\.mlp\.out,1,,0,(-?\d\.\d{6},?){5}$/);
    const figure = readFileSync(join(out, "patching.svg"), "utf8");
    expect(figure.match(/<rect class="cell"/g)).toHaveLength(3 * 4 * 65);
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page.match(/<img src="data:image\/png/g)).toHaveLength(3 + 4);
    const again = await vitrine(words);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/earlier run.*\[output-exists\]/);
  });
});

test("without pictures, two scenes that differ in one attribute, for people", async () => {
  const { code, stdout } = await vitrine(["patch", "--scenes", "3", "--top", "4"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^clip-scenes · visual\.blocks\.\*\.attn\.z by heads · 24 cells · “an? \w+” against “an? \w+”\n/,
  );
  expect(stdout.match(/^ {2}[AB] .* score [+−]0\.\d{4}$/gm)).toHaveLength(2);
  expect(stdout.match(/^ {2}L\d\.H\d +−?[\d.]+ % +−?[\d.]+ %$/gm)).toHaveLength(4);
});

test("over pairs of scenes, with intervals and a lead over control", async () => {
  const out = join(folder, "pairs");
  const { code, stdout } = await vitrine(["patch", "--pairs", "3", "--differ", "texture", "--out", out, "--json"]);
  expect(code).toBe(0);
  const { cells, files, gap } = JSON.parse(stdout) as {
    readonly cells: readonly {
      readonly name: string;
      readonly denoising: { value: number; low: number; high: number };
    }[];
    readonly files: readonly string[];
    readonly gap: { readonly value: number };
  };
  expect(cells.map(({ name }) => name).slice(0, 7)).toEqual([
    "L0.H0",
    "L0.H1",
    "L0.H2",
    "L0.H3",
    "L0.H4",
    "L0.H5",
    "L1.H0",
  ]);
  for (const {
    denoising: { value, low, high },
  } of cells)
    expect(low <= value && value <= high).toBe(true);
  expect(gap.value).toBeGreaterThan(0);
  expect(files.map((file) => file.slice(out.length + 1))).toEqual(["patching-pairs.csv", "patching-pairs.svg"]);
  expect(readFileSync(files[0]!, "utf8").trim().split("\n")).toHaveLength(25);
});

test.concurrent.each([
  ["examples/scene.png --text a", /patching needs two pictures: got 1 picture, expected two.*\[usage\]/],
  ["examples/scene.png examples/fish.png", /nothing to tell the pictures apart by: got no --text.*\[usage\]/],
  ["--pairs 4 --text a", /--pairs is about scenes alone.*got --text.*\[usage\]/],
  ["--site attn.w --out NEW", /no site of this model matches the selector.*\[unknown-site\]/],
  ["--site resid_post --by heads", /cannot be patched so: visual\.blocks\.\*\.resid_post: got by heads.*\[usage\]/],
])("%j is refused", async (args, says) => {
  const made = join(folder, "new");
  const { code, stdout, stderr } = await vitrine(["patch", ...args.replace("NEW", made).split(" ")]);
  expect(stdout).toBe("");
  expect(code).toBeGreaterThan(0);
  expect(stderr).toMatch(says);
  expect(existsSync(made)).toBe(false);
});
