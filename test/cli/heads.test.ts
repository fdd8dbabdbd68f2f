/** `vitrine heads`: over scenes, over folders with pictures nobody can read, and over runs that were killed. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../src/engine/media/encode.js";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { allDescriptions, Random, renderScene, sampleScene } from "../../src/worlds/scenes/index.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

interface Document {
  readonly pictures: {
    readonly read: number;
    readonly resumed: number;
    readonly skipped: readonly { readonly index: number; readonly name: string; readonly reason: string }[];
  };
  readonly heads: readonly {
    readonly layer: number;
    readonly head: number;
    readonly label?: {
      readonly property: string;
      readonly share: number;
      readonly texts: readonly { readonly text: string; readonly agrees: boolean }[];
    };
    readonly texts: readonly { readonly text: string; readonly images?: readonly { readonly name: string }[] }[];
  }[];
  readonly files: readonly string[];
}

const folder = scratchFolder();
const photos = join(folder, "photos");
mkdirSync(join(photos, "more"), { recursive: true });
const random = new Random(2);
for (let i = 0; i < 12; i++) {
  const name = join(photos, i < 8 ? "." : "more", `${String(i).padStart(2, "0")}.png`);
  writeFileSync(name, await encodePng(renderScene(sampleScene(random), 64)));
}
const broken = readFileSync(join(photos, "03.png")).subarray(0, 300);
const pool = join(folder, "pool.txt");
writeFileSync(pool, allDescriptions().slice(0, 60).join("\n"));
const small = ["--count", "4", "--top", "2", "--layers", "2", "--batch", "5", "--pool", pool, "--json"];

async function heads(...words: string[]): Promise<Document> {
  const { code, stdout, stderr } = await vitrine(["heads", ...words, ...small]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Document;
}

async function refusal(...words: string[]): Promise<{ code: number | null; stderr: string }> {
  const { code, stderr } = await vitrine(["heads", ...words]);
  return { code, stderr };
}

const rowsIn = async (out: string): Promise<Float32Array> =>
  readStored((await openCheckpoint(join(out, "heads.safetensors"))).get("rows")).data;

test("describes all heads of the last layers, and writes index, tables and page", async () => {
  const out = join(folder, "described");
  const { pictures, heads: found, files } = await heads("--scenes", "40", "--out", out);
  expect(pictures).toMatchObject({ read: 40, resumed: 0, skipped: [] });
  expect(found.map(({ layer, head }) => `${layer}.${head}`)).toHaveLength(12);
  for (const { label, texts } of found) {
    // From a pool of one's own, the label's texts are the first that are shown.
    if (label !== undefined) expect(label.texts.map(({ text }) => text)).toEqual(texts.map(({ text }) => text));
    expect(new Set(texts.map(({ text }) => text)).size).toBe(4);
    expect(texts[0]!.images).toHaveLength(2);
    expect(texts[3]!.images).toBeUndefined();
  }
  for (const file of files) expect(statSync(file).size).toBeGreaterThan(100);
  expect(readFileSync(join(out, "heads.csv"), "utf8").split("\n")).toHaveLength(1 + 12 * 4 + 1);
});

describe("a folder with a picture nobody can read", () => {
  const mixed = join(folder, "mixed");
  mkdirSync(mixed);
  for (const name of ["00", "01", "02", "04", "05", "06"])
    copyFileSync(join(photos, `${name}.png`), join(mixed, `${name}.png`));
  writeFileSync(join(mixed, "03.png"), broken);

  test("is read without it, which is named and counted", async () => {
    const { pictures } = await heads(mixed);
    expect(pictures.read).toBe(6);
    expect(pictures.skipped).toEqual([
      { index: 3, name: join(mixed, "03.png"), reason: expect.stringMatching(/corrupt or cut short/) as string },
    ]);
  });

  test("stops a strict run", async () => {
    const { code, stderr } = await refusal(mixed, "--strict");
    expect(code).toBe(2);
    expect(stderr).toMatch(/a picture cannot be read: .*03\.png.*leave out --strict/);
  });
});

test("folders stand for the pictures in them, also deeper down", async () => {
  const out = join(folder, "deep");
  const { pictures } = await heads(photos, "--out", out);
  expect(pictures.read).toBe(12);
});

describe("a run that was ended", () => {
  test("goes on where it was killed: the rows are those of a run that was not", async () => {
    const [killed, whole] = [join(folder, "killed"), join(folder, "whole")];
    const words = ["heads", "--scenes", "600", "--out", killed, ...small];
    const partial = join(killed, "heads.safetensors.partial");
    const { signal } = await vitrine(words, {
      onStart: (child) => {
        const watch = setInterval(() => {
          if (!existsSync(partial) || statSync(partial).size < 100_000) return;
          clearInterval(watch);
          child.kill("SIGKILL");
        }, 5);
        child.on("exit", () => {
          clearInterval(watch);
        });
      },
    });
    expect(signal).toBe("SIGKILL");
    const { pictures } = await heads("--scenes", "600", "--out", killed);
    expect(pictures.read).toBe(600);
    expect(pictures.resumed).toBeGreaterThan(0);
    expect(pictures.resumed).toBeLessThan(600);
    await heads("--scenes", "600", "--out", whole);
    expect(await rowsIn(killed)).toEqual(await rowsIn(whole));
  });

  test("is not mixed with another", async () => {
    const out = join(folder, "other");
    await heads("--scenes", "20", "--out", out);
    const { code, stderr } = await refusal("--scenes", "20", "--seed", "1", "--out", out);
    expect(code).toBe(2);
    expect(stderr).toMatch(/the index of another model.*--force/);
    expect((await heads("--scenes", "20", "--out", out)).pictures.resumed).toBe(20);
    expect((await heads("--scenes", "20", "--seed", "1", "--out", out, "--force")).pictures.resumed).toBe(0);
  });
});

describe("is refused:", () => {
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "one.txt"), "a fish\n\n a fish \n");

  test.each<[string, string[], RegExp]>([
    ["an empty folder", [join(folder, "empty")], /no pictures in this folder: .*empty.*expected files that end in/],
    [
      "a pool of one line",
      ["--pool", join(folder, "one.txt")],
      /too few texts in the pool: .*one\.txt: got only "a fish"/,
    ],
    ["rank 0", ["--rank", "0"], /--rank.*expected a whole number from 1/],
    [
      "more texts than the pool has",
      ["--scenes", "5", "--count", "5000"],
      /the pool cannot give so many texts: got 5000/,
    ],
    ["pictures and pixels at once", [photos, "--pixels", "x.safetensors"], /pictures and --pixels at once/],
  ])("%s", async (_what, words, says) => {
    const { code, stderr } = await refusal(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });

  test("a pool that is not there", async () => {
    const { code, stderr } = await refusal("--pool", join(folder, "none.txt"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot read the pool of texts: .*none\.txt/);
  });

  test("a picture that is not there, and pictures none of which can be read", async () => {
    writeFileSync(join(folder, "broken.png"), broken);
    const [nothing, both] = [join(folder, "nothing.png"), join(folder, "broken.png")];
    expect((await refusal(photos, nothing, "--pool", pool)).stderr).toMatch(/no such image file: .*nothing\.png/);
    expect((await refusal(both, both, "--pool", pool)).stderr).toMatch(/no picture can be read: .*broken\.png/);
    expect((await refusal(both, "--pool", pool)).stderr).toMatch(/too few rows or pictures/);
  });
});
