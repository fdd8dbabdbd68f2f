import { existsSync, mkdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLabels } from "../../src/cli/ablate/label-file.js";
import { labelledSet } from "../../src/cli/ablate/labelled-set.js";
import { encodePng } from "../../src/engine/media/encode.js";
import { loadClip } from "../../src/models/clip/load.js";
import { Random, renderScene, sampleScene } from "../../src/worlds/scenes/index.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly heads: number;
  readonly accuracy: { readonly value: number; readonly low: number; readonly high: number };
  readonly change: { readonly accuracy: { readonly value: number } };
  readonly worst: { readonly value: number };
  readonly groups?: readonly { readonly group: string; readonly accuracy: { readonly share: number } }[];
}

interface Document {
  readonly pictures: { readonly read: number; readonly skipped: readonly { readonly name: string }[] };
  readonly classes: readonly string[];
  readonly ablations: readonly Row[];
  readonly files: readonly string[];
}

/** Eight fish and eight hearts, in folders named so, and one file that is no picture. */
async function twoFolders(): Promise<string[]> {
  const random = new Random(3);
  const paths: string[] = [];
  for (const shape of ["fish", "heart"] as const) {
    mkdirSync(join(folder, shape));
    for (let i = 0; i < 8; i++) {
      const scene = sampleScene(random, {
        objects: [1, 1],
        shapes: [shape],
        styles: ["clean"],
        backgrounds: ["plain"],
      });
      const path = join(folder, shape, `${i}.png`);
      await writeFile(path, await encodePng(renderScene(scene, 64)));
      paths.push(path);
    }
  }
  await writeFile(join(folder, "fish", "9.png"), "not a picture");
  return paths;
}

const paths = await twoFolders();

test("folders are labels; what cannot be read is named and left out, or stops a strict run", async () => {
  const out = join(folder, "out");
  const words = [join(folder, "fish"), join(folder, "heart")];
  const chosen = [
    "--heads",
    "L3.H0,3.1",
    "--layers",
    "0-1",
    "--mlps",
    "--sweep",
    "--random-controls",
    "3",
    "--out",
    out,
  ];
  const { code, stdout, stderr } = await vitrine(["ablate", ...words, ...chosen, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const { pictures, classes, ablations, files } = JSON.parse(stdout) as Document;
  expect(classes).toEqual(["fish", "heart"]);
  expect([pictures.read, pictures.skipped.map(({ name }) => name)]).toEqual([16, [join(folder, "fish", "9.png")]]);
  expect(ablations.map(({ kind, heads }) => [kind, heads])).toEqual([
    ["baseline", 0],
    ["method", 14],
    ["control", 14],
    ...[6, 12, 18].flatMap((heads) => [
      ["method", heads],
      ["control", heads],
    ]),
    ["method", 24],
  ]);
  expect(ablations[0]!.accuracy.value).toBeGreaterThan(0.7);
  for (const { accuracy, change } of ablations) {
    expect(accuracy.low).toBeLessThanOrEqual(accuracy.value);
    expect(change.accuracy.value).toBeCloseTo(accuracy.value - ablations[0]!.accuracy.value, 9);
  }
  expect(files.map((file) => file.slice(out.length + 1))).toEqual(["ablation.json", "ablation.csv", "layers.svg"]);
  expect(JSON.parse(await readFile(join(out, "ablation.json"), "utf8"))).toMatchObject({ ablations });
  expect((await readFile(join(out, "ablation.csv"), "utf8")).split("\n")[1]).toMatch(
    /^"the model as it is",baseline,0,1,accuracy,"",(?:0\.\d+|1),/,
  );
  expect(await readFile(join(out, "layers.svg"), "utf8")).toMatch(/^<svg [^]*as many random heads[^]*<\/svg>\n$/);

  const strict = await vitrine(["ablate", ...words, "--strict"]);
  expect([strict.code, strict.stdout]).toEqual([2, ""]);
  expect(strict.stderr).toContain(join(folder, "fish", "9.png"));
  const again = await vitrine(["ablate", ...words, ...chosen]);
  expect([again.code, again.stderr.includes("output-exists") || again.stderr.includes("--force")]).toEqual([2, true]);
});

test("a table gives labels and groups, and the pictures; means may be of others, texts may stand for heads", async () => {
  const labels = join(folder, "labels.csv");
  const rows = paths.map(
    (path, i) => `${path.slice(folder.length + 1)},a ${i < 8 ? "fish" : "heart"},"group, ${i % 2}"`,
  );
  await writeFile(labels, `file,label,group\n${rows.join("\n")}\n`);
  const asked = ["--labels", labels, "--class", "a heart", "--class", "a fish", "--templates", "none"];
  const { code, stdout, stderr } = await vitrine([
    "ablate",
    ...asked,
    "--means",
    join(folder, "heart"),
    "--completeness",
    "--texts",
    "1,8",
    "--random-controls",
    "1",
    "--last-layers",
    "1",
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/16 pictures · 2 classes\n/);
  expect(stdout).toMatch(/Held at the mean over 8 pictures\./);
  expect(stdout).toMatch(/held at the mean +right +change +worst group +change\n/);
  expect(stdout).toMatch(/\n8 texts a head /);
  expect(stdout).toMatch(/\n {2}8 random vectors \(1 draw\)/);
});

test.each<[string[], RegExp]>([
  [["--published", "b-16"], /ViT-B-16/],
  [["--texts", "3"], /--completeness/],
])("refuses %j", async (words, message) => {
  const { code, stdout, stderr } = await vitrine(["ablate", "--scenes", "4", ...words]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});

test("classes and labels must fit each other", async () => {
  await using clip = await loadClip("clip-scenes");
  const options = { scenes: 4, seed: 0, batch: 16, templates: "none" } as const;
  const set = (images: readonly string[], more: object) => labelledSet(clip, images, { ...options, ...more });
  await expect(set([], { class: ["x", "y"] })).rejects.toThrow(/scenes have classes of their own/);
  await expect(set(paths, { attribute: "shape" })).rejects.toThrow(/not scenes/);
  await expect(set(paths, { class: ["dog", "cat"] })).rejects.toThrow(/"fish" for/);
  await expect(set(paths.slice(0, 2), {})).rejects.toThrow(/nothing to tell apart/);
  await expect(set([], { pixels: "x.safetensors" })).rejects.toThrow(/nobody says/);
  const { labels, groups, classes } = await set([], { attribute: "colour", group: "background" });
  expect([labels.length, groups!.length, classes.includes("red")]).toEqual([4, 4, true]);
});

test("tables of labels: quotes, a heading, and what is wrong with a line", async () => {
  const read = async (text: string) => {
    const path = join(folder, "some.csv");
    await writeFile(path, text);
    expect(existsSync(path)).toBe(true);
    return readLabels(path);
  };
  expect(await read('\ufefffile,label\r\n"a, ""b"".png" , x\r\nc.png,"y"\r\n\r\n')).toEqual([
    { file: 'a, "b".png', path: join(folder, 'a, "b".png'), label: "x", group: undefined },
    { file: "c.png", path: join(folder, "c.png"), label: "y", group: undefined },
  ]);
  await expect(read("a.png,x\nb.png\n")).rejects.toThrow(/line 2/);
  await expect(read("a.png,x\nb.png,y,g\n")).rejects.toThrow(/line 2/);
  await expect(read("a.png,\n")).rejects.toThrow(/line 1/);
  await expect(read("a.png,x\na.png,y\n")).rejects.toThrow(/labelled already/);
  await expect(read("\n")).rejects.toThrow(/no labels/);
  await expect(readLabels(join(folder, "none.csv"))).rejects.toMatchObject({ code: "file-missing" });
});
