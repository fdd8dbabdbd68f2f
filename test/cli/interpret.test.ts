/** `vitrine retrieve` and `vitrine interpret`, in processes of their own, with the model of scenes. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/engine/media/decode.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { ROOT } from "../support/paths.js";
import { writePictures } from "../support/pictures.js";
import { vitrine } from "../support/vitrine.js";

const SCENE = join(ROOT, "examples/scene.png");
const folder = scratchFolder();
const pictures = join(folder, "pictures");
await mkdir(pictures);
await writePictures(pictures, 3);
await writeFile(join(pictures, "notes.txt"), "not a picture");

async function json<Document>(args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await vitrine(["--json", ...args]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Document;
}

interface Found {
  readonly query: { readonly kind: string };
  readonly heads: readonly { readonly layer: number; readonly head: number }[];
  readonly similarity: string;
  readonly neighbours: readonly { readonly name: string; readonly score: number; readonly note?: string }[];
  readonly because?: string;
}

describe("retrieve", () => {
  test("finds scenes by what a head says of a text, and draws them", async () => {
    const out = join(folder, "sea.png");
    const search = ["retrieve", "by the sea", "--head", "L3.H5", "--count", "80", "--top", "4"];
    const { neighbours, query, heads } = await json<Found>([...search, "--out", out]);
    expect(query.kind).toBe("text");
    expect(heads).toEqual([{ layer: 3, head: 5 }]);
    // The head that is about backgrounds: one scene in eight has the sea.
    for (const { note } of neighbours) expect(note).toMatch(/in the sea$/);
    expect(neighbours.map(({ score }) => score)).toEqual(neighbours.map(({ score }) => score).sort((a, b) => b - a));
    const { width, height } = await decodeImage(await readFile(out));
    expect([width, height]).toEqual([11 + 4 * (128 + 11), 11 + 128 + 11]);
    const again = await vitrine([...search, "--out", out]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("there already") as string]);
  });

  test("finds a picture among others", async () => {
    const own = join(pictures, "picture 1.png");
    const asked = ["retrieve", own, "--head", "2.1", "--head", "3.0", "--among", pictures, SCENE, "--top", "9"];
    const { neighbours, query, similarity } = await json<Found>(asked);
    expect([query.kind, similarity]).toEqual(["image", "centred"]);
    // The folder's three pictures and not its notes, and the file beside it.
    expect(neighbours).toHaveLength(4);
    expect(neighbours[0]).toMatchObject({ name: own, score: expect.closeTo(1, 5) as number });
  });

  test("refuses heads that the model has not", async () => {
    const { code, stderr } = await vitrine(["retrieve", "a star", "--head", "4.0"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("from L0.H0 to L3.H5") as string]);
  });
});

describe("interpret", () => {
  test("neighbours searches with the heads of a property", async () => {
    const { because, heads, neighbours } = await json<Found>([
      ...["interpret", "neighbours", SCENE, "--property", "backgrounds", "--count", "150", "--combine", "mean"],
      ...["--last-layers", "1", "--top", "3"],
    ]);
    expect(heads).toContainEqual({ layer: 3, head: 5 });
    expect(because).toMatch(/L3\.H5 \d\/5/);
    for (const { note } of neighbours) expect(note).toMatch(/on the grass$/);
  });

  interface Maps {
    readonly grid: number;
    readonly images: readonly {
      readonly maps: readonly { readonly about: string; readonly heads: string; readonly values: readonly number[] }[];
    }[];
    readonly files: readonly string[];
  }

  test("topics draws a map per text and head", async () => {
    const { images, files, grid } = await json<Maps>([
      ...["interpret", "topics", SCENE, "--text", "a heart", "--text", "a mushroom", "--head", "3.1", "--head", "3.4"],
      ...["--out", join(folder, "topics")],
    ]);
    expect(images[0]!.maps.map(({ about, heads }) => [about, heads])).toEqual([
      ["a heart", "L3.H1"],
      ["a heart", "L3.H4"],
      ["a mushroom", "L3.H1"],
      ["a mushroom", "L3.H4"],
    ]);
    for (const { values } of images[0]!.maps) expect(values).toHaveLength(grid * grid);
    expect(files).toHaveLength(4);
    expect((await decodeImage(files[0]!)).width).toBe(256);
  });

  test("contrast sees the mushroom on the right and the heart on the left, but not with the published bug", async () => {
    const asked = ["interpret", "contrast", SCENE, "--text", "a mushroom", "--text", "a heart"];
    const { images, grid } = await json<Maps>(asked);
    const [mushroom, heart] = images[0]!.maps as [Maps["images"][0]["maps"][0], Maps["images"][0]["maps"][0]];
    const strongest = (values: readonly number[]): number => values.indexOf(Math.max(...values)) % grid;
    expect(strongest(mushroom.values)).toBeGreaterThanOrEqual(grid / 2);
    expect(strongest(heart.values)).toBeLessThan(grid / 2);
    const { images: bugged } = await json<Maps>([...asked, "--reference-bug"]);
    expect(bugged[0]!.maps[0]!.heads).toBe("the last head");
    expect(bugged[0]!.maps[0]!.values).not.toEqual(mushroom.values);
  });

  test("compare tabulates models, by words and by nearness, with the texts that tell", async () => {
    const asked = ["interpret", "compare", "clip-scenes", "clip-random", "--count", "40", "--last-layers", "1"];
    interface Compared {
      readonly ref: string;
      readonly association: { readonly score: number };
      readonly heads: readonly { readonly label: string; readonly texts: readonly { readonly agrees: boolean }[] }[];
    }
    const { models } = await json<{ readonly models: readonly Compared[] }>(asked);
    expect(models.map(({ ref, heads }) => [ref, heads.length])).toEqual([
      ["clip-scenes", 6],
      ["clip-random", 4],
    ]);
    for (const { association, heads } of models) {
      const agreeing = heads.filter(({ texts }) => texts.filter(({ agrees }) => agrees).length >= 3).length;
      expect(association.score).toBeCloseTo(agreeing / heads.length);
    }
    const pool = join(folder, "pool.txt");
    const properties = join(folder, "properties.json");
    await writeFile(pool, "red\n\nblue\nthe sea\nthe sky\nred\n");
    await writeFile(
      properties,
      JSON.stringify({ colour: ["scarlet", "cobalt"], background: ["the ocean", "the air"] }),
    );
    const { code, stdout } = await vitrine([
      ...["interpret", "compare", "clip-scenes", "--count", "40", "--texts", "2"],
      ...["--pool", pool, "--properties", properties],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/2 of 4 texts per head, 2 properties by nearness to words · 40 scenes \(seed 0\)/);
    // Each text is nearest to the word of its own kind.
    const marks = [...stdout.matchAll(/(colour|background) +\d\/2 .*/g)].map(([line, label]) => ({ line, label }));
    expect(marks.length).toBeGreaterThan(10);
    for (const { line, label } of marks) {
      const own = label === "colour" ? /\+ (?:red|blue)/ : /\+ the (?:sea|sky)/;
      expect(line).toMatch(own);
      expect(line).not.toMatch(label === "colour" ? /\+ the|− (?:red|blue)/ : /\+ (?:red|blue)|− the/);
    }
  });
});
