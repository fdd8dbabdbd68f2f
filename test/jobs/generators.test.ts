/** The jobs about generators, on a model opened from bytes, against the command line on the same one. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../src/engine/errors.js";
import { encodePng } from "../../src/engine/media/encode.js";
import { rgbImage } from "../../src/engine/media/image.js";
import { Random } from "../../src/engine/tensor/random.js";
import type { FloatTensor } from "../../src/engine/tensor/tensor.js";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { type JobContext, type JobName, type JobParams, type JobResult, JOBS } from "../../src/jobs/index.js";
import { loadGeneratorFromBytes } from "../../src/models/idempotent/assemble.js";
import { picturesOfPixels } from "../../src/models/idempotent/pixels.js";
import { drawGlyph, glyphAt } from "../../src/worlds/glyphs/index.js";
import { CALM, jobContext } from "../support/job-context.js";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const bytesOf = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(join(ROOT, "zoo/ign-glyphs", name)));
const loaded = await loadGeneratorFromBytes("ign-glyphs", {
  "config.json": await bytesOf("config.json"),
  "model.safetensors": await bytesOf("model.safetensors"),
});
afterAll(() => loaded.generator.dispose());

const base = await jobContext();
const openGenerator = () => Promise.resolve({ ...loaded, digest: "0".repeat(64) });
const context: JobContext = { ...base, models: { ...base.models, openGenerator } };

const model = "ign-glyphs";
function ask<N extends JobName>(name: N, params: JobParams<N>): Promise<JobResult<N>> {
  const { run, params: schema } = JOBS[name] as unknown as {
    params: { parse: (params: unknown) => unknown };
    run: (...asked: unknown[]) => Promise<JobResult<N>>;
  };
  return run(context, schema.parse(params), CALM);
}

const tensorsOf = async (file: string): Promise<(name: string) => FloatTensor> => {
  const checkpoint = await openCheckpoint(file);
  return (name) => readStored(checkpoint.get(name));
};
const worst = (a: FloatTensor, b: FloatTensor): number => {
  expect(a.data.length).toBe(b.data.length);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
};

test("the info is what the files say", async () => {
  expect(await ask("generator-info", { model })).toMatchObject({
    size: 28,
    channels: 1,
    world: "glyphs",
    knownDrift: {},
  });
});

describe("a picture", () => {
  test("that was handed over is fitted, damaged and projected as the command line does it", async () => {
    const random = new Random(4);
    const noisy = rgbImage(
      50,
      40,
      Uint8Array.from({ length: 6000 }, () => random.below(256)),
    );
    const png = await encodePng(noisy);
    const file = join(folder, "picture.png");
    await writeFile(file, png);
    const { id } = await context.pictures.add(new Uint8Array(png));
    const fitted = await ask("generator-picture", { model, picture: { picture: id }, invert: true });
    expect(fitted.adaptations).toEqual(["cropped", "resized", "grey"]);
    expect(fitted.from).toEqual({ width: 50, height: 40 });
    const levels = Buffer.from(fitted.levels).toString("base64");
    const found = await ask("project", { model, levels, corruption: "noise", strength: 2, seed: 9, times: 3 });
    const out = join(folder, "out.safetensors");
    const words = ["--invert", "--corrupt", "noise", "--strength", "2", "--seed", "9", "--times", "3"];
    const printed = await vitrine(["project", file, ...words, "--model", model, "--out", out, "--json"]);
    const tensor = await tensorsOf(out);
    expect(worst(found.given, tensor("input"))).toBeLessThan(1e-6);
    expect(worst(found.drift, tensor("drift"))).toBeLessThan(1e-6);
    const last = found.results.data.slice(2 * 784);
    expect(worst({ ...found.results, data: last }, tensor("projected.3"))).toBeLessThan(1e-6);
    const { images } = JSON.parse(printed.stdout) as { images: { moves: number[]; toClean: number[] }[] };
    expect(found.moves.map((move) => move.toFixed(5))).toEqual(images[0]!.moves.map((move) => move.toFixed(5)));
    expect(found.toClean!.map((move) => move.toFixed(5))).toEqual(images[0]!.toClean.map((move) => move.toFixed(5)));
  });

  test("of the model's world is the first of its seed", async () => {
    const { levels, adaptations } = await ask("generator-picture", { model, picture: { world: 3 } });
    expect(adaptations).toEqual([]);
    const [wanted] = picturesOfPixels({ dtype: "float32", shape: [1, 1, 28, 28], data: drawGlyph(glyphAt(3, 0), 28) });
    expect([...levels]).toEqual([...wanted!.data].filter((_, i) => i % 3 === 0));
  });

  test("of another size or of other channels is refused; so is what is no base64", async () => {
    const levels = Buffer.alloc(28 * 28 * 3).toString("base64");
    await expect(ask("project", { model, levels })).rejects.toThrow(UsageError);
    await expect(ask("project", { model, levels })).rejects.toThrow(/2352 levels.*expected 28 × 28 × 1/);
    expect(() => JOBS.project.params.parse({ model, levels: "not base64!" })).toThrow(/base64/);
  });

  test("without a world there is none to be drawn", async () => {
    const worldless = { ...loaded, metadata: {}, digest: "" };
    const poor = { ...context, models: { ...context.models, openGenerator: () => Promise.resolve(worldless) } };
    const asked = JOBS["generator-picture"].params.parse({ model, picture: { world: 1 } });
    await expect(JOBS["generator-picture"].run(poor, asked, CALM)).rejects.toThrow(/no world that can be drawn/);
  });
});

test.each<[string, Partial<JobParams<"sample">>, string[]]>([
  ["samples", { count: 5, seed: 2, steps: 2 }, ["-n", "5", "--seed", "2", "--steps", "2"]],
  ["a way", { between: [1, 4], count: 5 }, ["--between", "1,4", "-n", "5"]],
  ["a sum", { arithmetic: [0, 2, 7] }, ["--arithmetic", "0,2,7"]],
])("%s: the command line's", async (_name, params, words) => {
  const found = await ask("sample", { model, ...params });
  const out = join(folder, "samples.safetensors");
  const printed = await vitrine(["sample", ...words, "--model", model, "--out", out, "--force", "--json"]);
  expect(worst(found.samples, (await tensorsOf(out))("samples"))).toBeLessThan(1e-5);
  const { ratios } = JSON.parse(printed.stdout) as { ratios: number[] };
  expect(found.ratio).toBeCloseTo(ratios.at(-1)!, 5);
});
