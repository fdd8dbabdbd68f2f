/** Search by heads: against the method and the command line. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../src/engine/media/encode.js";
import type { FoundPictures } from "../../src/jobs/index.js";
import { JOBS } from "../../src/jobs/index.js";
import { composeScene, Random, renderScene, sceneAt } from "../../src/worlds/scenes/index.js";
import { CALM, jobContext } from "../support/job-context.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const scene = composeScene(new Random(5), { objects: [{ shape: "star", colour: "red" }], background: "grass" });
const context = await jobContext();
const heads = [
  { layer: 3, head: 0 },
  { layer: 2, head: 4 },
];
const search = (more: object = {}): Promise<FoundPictures> =>
  JOBS.search.run(
    context,
    JOBS.search.params.parse({
      model: "clip-scenes",
      query: { picture: { scene } },
      heads,
      top: 6,
      among: { scenes: 60, seed: 3 },
      ...more,
    }),
    CALM,
  );

interface Printed {
  readonly neighbours: readonly { readonly name: string; readonly score: number }[];
}

async function printed(query: string, more: readonly string[]): Promise<Printed["neighbours"]> {
  const named = heads.flatMap(({ layer, head }) => ["--head", `${layer}.${head}`]);
  const { stdout, stderr } = await vitrine([
    "retrieve",
    query,
    "--model",
    "clip-scenes",
    ...named,
    "--top",
    "6",
    "--json",
    ...more,
  ]);
  expect(stderr).toBe("");
  return (JSON.parse(stdout) as Printed).neighbours;
}

describe("a search among scenes", () => {
  test.each([
    ["centred", "each"],
    ["raw", "mean"],
    ["cosine", "each"],
  ])("finds what `vitrine retrieve` finds: %s, %s", async (similarity, combine) => {
    const path = join(folder, "star.json");
    await writeFile(path, JSON.stringify(scene));
    const settings = ["--count", "60", "--seed", "3", "--similarity", similarity, "--combine", combine];
    const wanted = await printed(path, settings);
    const { heads: found, searched } = await search({ similarity, combine });
    expect(searched).toBe(60);
    expect(found.map(({ index }) => `scene ${index}`)).toEqual(wanted.map(({ name }) => name));
    for (const [i, { score, index, ref }] of found.entries()) {
      expect(Math.abs(score - wanted[i]!.score)).toBeLessThan(1e-4);
      expect(ref).toEqual({ scene: sceneAt(3, index) });
    }
  });

  test("finds by a text what `vitrine retrieve` finds", async () => {
    const wanted = await printed("a red star", ["--count", "60", "--seed", "3"]);
    const { heads: found } = await search({ query: { text: "a red star" } });
    for (const [i, { score }] of found.entries()) expect(Math.abs(score - wanted[i]!.score)).toBeLessThan(1e-4);
  });

  test("says what those found share with the picture, beside all that were searched", async () => {
    const { shared, heads: found } = await search();
    const colour = shared!.find(({ attribute }) => attribute === "colour")!;
    const red = (index: number): boolean => sceneAt(3, index).objects.some((object) => object.colour === "red");
    expect(colour.found[0]).toBeCloseTo(found.filter(({ index }) => red(index)).length / 6, 12);
    expect(colour.chance).toBeCloseTo(Array.from({ length: 60 }, (_, i) => red(i)).filter(Boolean).length / 60, 12);
  });
});

test("a search among files finds the picture itself first, by heads and by the whole", async () => {
  const scenes = [scene, ...Array.from({ length: 9 }, (_, i) => sceneAt(8, i))];
  const pictures: string[] = [];
  for (const one of scenes) {
    pictures.push((await context.pictures.add(await encodePng(renderScene(one, 64)))).id);
  }
  const set = { model: "clip-scenes", pictures };
  expect(await JOBS["read-pictures"].run(context, JOBS["read-pictures"].params.parse(set), CALM)).toEqual({ read: 10 });
  const found = await search({ among: { pictures }, similarity: "cosine" });
  expect(found.shared).toBeUndefined();
  for (const list of [found.heads, found.whole]) {
    expect(list[0]!.index).toBe(0);
    expect(list[0]!.ref).toEqual({ picture: pictures[0] });
    expect(list[0]!.score).toBeCloseTo(1, 5);
  }
});

test("a head that the model has not is refused", async () => {
  await expect(search({ heads: [{ layer: 9, head: 0 }] })).rejects.toThrow(/head/);
});
