/** Jobs with an edited model: the numbers of the methods and of the command line, made once, given up and taken over. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dotRows, normaliseRows } from "../../src/engine/tensor/rows.js";
import type { JobControl } from "../../src/jobs/index.js";
import { JOBS } from "../../src/jobs/index.js";
import { decompose } from "../../src/methods/decompose/decompose.js";
import { zeroShotWeights } from "../../src/methods/decompose/zero-shot.js";
import { intervene } from "../../src/methods/interventions/intervene.js";
import type { Intervention } from "../../src/methods/interventions/intervention.js";
import { interventionOf } from "../../src/methods/interventions/names.js";
import { sampleMeans } from "../../src/methods/interventions/sample.js";
import { sitesAtMean } from "../../src/methods/interventions/site-means.js";
import { scenePixels } from "../../src/methods/scene-classes.js";
import { composeScene, Random } from "../../src/worlds/scenes/index.js";
import { largestDifference } from "../support/clips.js";
import { CALM, jobContext } from "../support/job-context.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const [a, b] = (["heart", "fish"] as const).map((shape) =>
  composeScene(new Random(3), {
    objects: [{ shape, colour: "red", size: "large" }],
    background: "plain",
    style: "clean",
  }),
);
const texts = ["a red heart", "a fish"];
const model = "clip-scenes";
const context = await jobContext();
const { clip } = await context.models.open(model, CALM);
const edits = interventionOf([
  { name: "L3.H0", to: "off" },
  { name: "L2.H4", to: "mean" },
  { name: "L1.mlp", to: "off" },
  { name: "L3.N17", to: "off" },
]) as { [K in keyof Intervention]: Intervention[K][number][] };

test("parts are named as people write them", () => {
  expect(edits).toEqual({
    heads: [
      { layer: 3, head: 0, to: "off" },
      { layer: 2, head: 4, to: "mean" },
    ],
    layers: [],
    mlps: [{ layer: 1, to: "off" }],
    neurons: [{ layer: 3, neuron: 17, to: "off" }],
  });
  expect(interventionOf([{ name: "L0.heads", to: "mean" }]).layers).toEqual([{ layer: 0, to: "mean" }]);
  expect(() => interventionOf([{ name: "head 3", to: "off" }])).toThrow("no part of a model");
});

describe("decompose with edits", () => {
  const run = (more: object = {}, control = CALM) =>
    JOBS.decompose.run(context, JOBS.decompose.params.parse({ model, picture: { scene: a }, texts, ...more }), control);

  test("is the decomposition of the edited model, and says so in the command line's numbers", async () => {
    const found = await run({ edits });
    const means = await sampleMeans(clip, sitesAtMean(clip, edits), { seed: 0 });
    await using edited = intervene(clip, edits, means);
    const { image_features } = await decompose(edited, scenePixels(clip, [a!]));
    const directions = await zeroShotWeights(clip, texts, ["{}"]);
    const cosines = dotRows(normaliseRows(image_features), directions).data;
    const { texts: plain } = await run();
    expect(found.remainder).toBeLessThan(1e-5);
    expect(Math.abs(found.texts[0]!.cosine - plain[0]!.cosine)).toBeGreaterThan(0.01);
    for (const [i, cosine] of cosines.entries()) expect(found.texts[i]!.cosine).toBeCloseTo(cosine, 5);

    const file = join(folder, "scene.json");
    await writeFile(file, JSON.stringify(a));
    const words = ["--off", "L3.H0", "--mean", "L2.H4", "--off", "L1.mlp", "--off", "L3.N17"];
    const asked = texts.flatMap((text) => ["--text", text]);
    const { stdout, stderr, code } = await vitrine(["decompose", file, ...asked, ...words, "--json"]);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const document = JSON.parse(stdout) as {
      model: { edited: string };
      images: { scores: { cosine: number }[] }[];
    };
    expect(document.model.edited).toContain("L3.H0");
    for (const [i, { cosine }] of document.images[0]!.scores.entries())
      expect(cosine).toBeCloseTo(found.texts[i]!.cosine, 4);
  });

  test("what one gives up while means are taken, another who waits gets all the same", async () => {
    const other = await jobContext();
    const params = JOBS.decompose.params.parse({ model, picture: { scene: a }, texts, edits });
    const stop = new AbortController();
    let waited: ReturnType<typeof run> | undefined;
    const first: JobControl = {
      signal: stop.signal,
      progress: () => {
        waited ??= JOBS.decompose.run(other, params, CALM);
        // The other has come to wait for the same means by then.
        setTimeout(() => {
          stop.abort(new DOMException("cancelled", "AbortError"));
        }, 50);
      },
    };
    await expect(JOBS.decompose.run(other, params, first)).rejects.toThrow("cancelled");
    expect((await waited!).texts[0]!.cosine).toBeCloseTo((await run({ edits })).texts[0]!.cosine, 6);
  });

  test("an edit of what the model has not is refused, and asked for again is refused again", async () => {
    const odd = { ...edits, heads: [{ layer: 7, head: 0, to: "off" }] };
    await expect(run({ edits: odd })).rejects.toThrow("no such heads");
    await expect(run({ edits: odd })).rejects.toThrow("no such heads");
  });

  test("many edits one after another are all answered", async () => {
    for (let head = 0; head < 5; head++) {
      const one = { heads: [{ layer: 3, head, to: "off" }], layers: [], mlps: [], neurons: [] };
      expect((await run({ edits: one })).remainder).toBeLessThan(1e-5);
    }
  });
});

describe("group accuracy", () => {
  const params = { model, seed: 2, perGroup: 8 };
  test("without edits nothing changes; with random heads there are as many", async () => {
    const none = interventionOf([]) as typeof edits;
    const same = await JOBS["group-accuracy"].run(
      context,
      JOBS["group-accuracy"].params.parse({ ...params, edits: none }),
      CALM,
    );
    expect(same.pictures).toBe(32);
    expect(same.after).toEqual(same.before);
    expect(same.gain.worst).toEqual({ value: 0, low: 0, high: 0 });
    const random = await JOBS["group-control"].run(
      context,
      JOBS["group-control"].params.parse({ ...params, edits, draws: 2 }),
      CALM,
    );
    expect(random).toMatchObject({ heads: 2, drawn: { draws: 2 } });
    const nothing = JOBS["group-control"].params.parse({ ...params, edits: none, draws: 2 });
    expect(await JOBS["group-control"].run(context, nothing, CALM)).toEqual({ heads: 0 });
  });

  test("without its last two layers the model tells worse", async () => {
    const gone = interventionOf([
      { name: "L2.heads", to: "off" },
      { name: "L3.heads", to: "off" },
    ]) as typeof edits;
    const found = await JOBS["group-accuracy"].run(
      context,
      JOBS["group-accuracy"].params.parse({ ...params, edits: gone }),
      CALM,
    );
    expect(found.gain.average.value).toBeLessThan(0);
  });
});

test("patching gives the numbers of the command line", async () => {
  const found = await JOBS.patch.run(
    context,
    JOBS.patch.params.parse({
      model,
      a: { scene: a },
      b: { scene: b },
      text: texts[0],
      against: [texts[1]],
      seed: 0,
    }),
    CALM,
  );
  const files = [a, b].map((scene, i) => ({ scene, path: join(folder, `${i}.json`) }));
  for (const { scene, path } of files) await writeFile(path, JSON.stringify(scene));
  const [clean, corrupted] = files.map(({ path }) => path) as [string, string];
  const question = ["--text", texts[0]!, "--against", texts[1]!];
  const { stdout } = await vitrine(["patch", clean, corrupted, ...question, "--control", "--json"]);
  const document = JSON.parse(stdout) as {
    pictures: { clean: { score: number }; corrupted: { score: number } };
    cells: { denoising: number; noising: number; control: number }[];
  };
  expect(found.unit).toBe("fraction");
  expect(found.denoising.shape).toEqual([4, 6]);
  expect(found.controls.shape).toEqual([4, 4, 6]);
  expect(document.pictures.clean.score).toBeCloseTo(found.score.a, 4);
  expect(document.pictures.corrupted.score).toBeCloseTo(found.score.b, 4);
  for (const kind of ["denoising", "noising", "control"] as const) {
    const told = Float32Array.from(document.cells, (cell) => cell[kind]);
    expect(largestDifference(told, found[kind].data)).toBeLessThan(1e-4);
  }
});
