/** `vitrine sample` and `vitrine project`, on an untrained generator. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/engine/media/decode.js";
import { encodePng } from "../../src/engine/media/encode.js";
import { rgbImage } from "../../src/engine/media/image.js";
import { Random } from "../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../src/engine/tensor/tensor.js";
import { Parameters } from "../../src/engine/train/parameters.js";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { writeSafetensors } from "../../src/engine/weights/safetensors/write.js";
import { calibrate } from "../../src/methods/idempotent/calibrate.js";
import { gaussianNoise } from "../../src/methods/idempotent/noise.js";
import { loadGenerator, writeGenerator } from "../../src/models/idempotent/load.js";
import { picturesOfPixels, pixelsOfPicture } from "../../src/models/idempotent/pixels.js";
import { idempotentDeclarations } from "../../src/models/idempotent/trainable.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { type Finished, vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const model = join(folder, "model");
const architecture = { size: 16, channels: 3, width: 4 } as const;
const picture = join(folder, "picture.png");
const wide = join(folder, "wide.png");

beforeAll(async () => {
  const parameters = new Parameters(idempotentDeclarations(architecture), { seed: 1 });
  const weights = { weight: (name: string) => parameters.value(name), inputs: () => parameters.inputs() };
  const { bank } = await calibrate({ architecture, ...weights }, [gaussianNoise(new Random(1), 8, [3, 16, 16])]);
  await writeGenerator(model, {
    architecture,
    weight: (name) => parameters.tensor(name),
    banks: { noise: bank },
    use: { noise: "noise", pictures: "noise" },
    noise: "gaussian",
    metadata: { caveat: "It knows nothing.", drift_median: "0.1", drift_95: "0.2" },
  });
  const random = new Random(2);
  const noisy = (width: number, height: number) =>
    rgbImage(
      width,
      height,
      Uint8Array.from({ length: 3 * width * height }, () => random.below(256)),
    );
  await writeFile(picture, await encodePng(noisy(16, 16)));
  await writeFile(wide, await encodePng(noisy(40, 20)));
});

const run = (...words: string[]): Promise<Finished> => vitrine([...words, "--model", model]);

async function json<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...words, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

async function tensorsOf(file: string): Promise<(name: string) => FloatTensor> {
  const checkpoint = await openCheckpoint(file);
  return (name) => readStored(checkpoint.get(name));
}

const rows = ({ data, shape }: FloatTensor, ...wanted: number[]): FloatTensor => {
  const size = data.length / shape[0]!;
  const out = Float32Array.from(wanted.flatMap((row) => [...data.subarray(row * size, (row + 1) * size)]));
  return floatTensor(out, [wanted.length, ...shape.slice(1)]);
};

const largestDifference = (a: FloatTensor, b: FloatTensor): number => {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b.data[i]!)), 0);
};

function expectRefusal({ code, stdout, stderr }: Finished, kind: string, says: RegExp, exit = 2): void {
  expect(stderr).toMatch(says);
  expect(stderr.endsWith(` [${kind}]\n`), stderr).toBe(true);
  expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
}

describe("sample", () => {
  test("writes f(z) as tensors and as a page, and says how idempotent it was", async () => {
    const [page, file] = [join(folder, "s.png"), join(folder, "s.safetensors")];
    const document = await json<{ ratios: number[]; drifts: number[]; files: string[]; provenance: object }>(
      ...["sample", "-n", "5", "--seed", "3", "--columns", "5", "--out", page, "--out", file],
    );
    expect(document.files).toEqual([page, file]);
    expect(document.drifts).toHaveLength(5);
    const tensor = await tensorsOf(file);
    await using generator = (await loadGenerator(model)).generator;
    const wanted = await generator.run(tensor("noise"), { mode: "noise" });
    expect(largestDifference(tensor("samples"), wanted)).toBeLessThan(1e-6);
    const again = await generator.run(wanted, { mode: "noise" });
    const norm = (a: FloatTensor, b: FloatTensor): number =>
      Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0));
    expect(document.ratios[0]).toBeCloseTo(norm(again, wanted) / norm(wanted, tensor("noise")), 5);
    // Five pictures of 16 pixels, six times as large.
    expect((await decodeImage(page)).width).toBe(5 * 96 + 6 * 8);
  });

  test("draws sample k of a seed whatever else is drawn, and walks and adds between samples", async () => {
    const file = (name: string): string => join(folder, `${name}.safetensors`);
    await run("sample", "-n", "4", "--out", file("four"));
    await run("sample", "-n", "3", "--between", "1,3", "--between", "2,2", "--out", file("walks"));
    await run("sample", "--arithmetic", "0,1,1", "--out", file("sums"));
    const [four, walks, sums] = await Promise.all(["four", "walks", "sums"].map((name) => tensorsOf(file(name))));
    const noise = four!("noise");
    expect(largestDifference(rows(walks!("noise"), 0, 2, 3, 5), rows(noise, 1, 3, 2, 2))).toBeLessThan(1e-5);
    expect(largestDifference(rows(sums!("noise"), 0, 3), rows(noise, 0, 0))).toBeLessThan(1e-5);
  });

  test.each<[string, string[], RegExp]>([
    ["nowhere to write", [], /nothing to write the samples to/],
    ["another kind of file", ["--out", "x.jpg"], /ends in \.png/],
    ["a mode that is not there", ["--norm", "running", "--out", join(folder, "x.png")], /expected noise, batch/],
    ["too few numbers", ["--arithmetic", "1,2"], /expected 3 numbers/],
    ["both ways", ["--between", "1,2", "--arithmetic", "1,2,3", "--out", join(folder, "x.png")], /at once/],
  ])("refuses %s", async (_name, words, says) => {
    expectRefusal(await run("sample", ...words), "usage", says);
    expect(existsSync(join(folder, "x.png"))).toBe(false);
  });

  test("refuses a model of another kind", async () => {
    const result = await vitrine(["sample", "--model", "clip-scenes", "--out", join(folder, "x.png")]);
    expectRefusal(result, "wrong-family", /not an idempotent generator/, 1);
  });
});

describe("project", () => {
  interface Projected {
    readonly model: { readonly knownDrift: object; readonly caveat: string };
    readonly images: readonly {
      readonly adaptations: string[];
      readonly moves: number[];
      readonly toClean?: number[];
    }[];
  }

  test("applies f twice, and says how far each pass moved the picture", async () => {
    const [page, file] = [join(folder, "p.png"), join(folder, "p.safetensors")];
    const { model: told, images } = await json<Projected>("project", picture, "--out", page, "--out", file);
    expect(told).toMatchObject({ knownDrift: { median: 0.1, most: 0.2 }, caveat: "It knows nothing." });
    expect(images).toHaveLength(1);
    expect(images[0]!.adaptations).toEqual([]);
    const tensor = await tensorsOf(file);
    const { pixels } = pixelsOfPicture(await decodeImage(picture), architecture);
    expect(tensor("input").data).toEqual(pixels.data);
    await using generator = (await loadGenerator(model)).generator;
    const once = await generator.run(pixels, { mode: "noise" });
    expect(largestDifference(tensor("projected.1"), once)).toBeLessThan(1e-6);
    expect(largestDifference(tensor("projected.2"), await generator.run(once, { mode: "noise" }))).toBeLessThan(1e-6);
    const moved = Math.sqrt(once.data.reduce((sum, value, i) => sum + (value - pixels.data[i]!) ** 2, 0) / 768);
    expect(images[0]!.moves[0]).toBeCloseTo(moved, 5);
    const drift = tensor("drift");
    expect(drift.shape).toEqual([1, 16, 16]);
    const first = [0, 256, 512].reduce((sum, at) => sum + Math.abs(once.data[at]! - pixels.data[at]!) / 3, 0);
    expect(drift.data[0]).toBeCloseTo(first, 5);
    // Picture, two projections, drift.
    expect((await decodeImage(page)).width).toBe(4 * 96 + 5 * 8);
  });

  test("damages pictures first when asked to, and then says how far they are from what they were", async () => {
    const { images } = await json<Projected>("project", picture, "--corrupt", "grey", "--times", "1");
    expect(images[0]!.toClean).toHaveLength(2);
    const clean = pixelsOfPicture(await decodeImage(picture), architecture).pixels.data;
    const grey = (i: number): number => (clean[i]! + clean[256 + i]! + clean[512 + i]!) / 3;
    const away = Math.sqrt(clean.reduce((sum, value, i) => sum + (value - grey(i % 256)) ** 2, 0) / 768);
    expect(images[0]!.toClean![0]).toBeCloseTo(away, 5);
  });

  test("brings pictures of other sizes to its own, with a notice", async () => {
    const { stderr, code } = await run("project", wide);
    expect(code).toBe(0);
    expect(stderr).toContain("wide.png was cut to its middle square, resized to 16 × 16\n");
  });

  test("refuses pixels of another shape, and pixels that are no numbers", async () => {
    const file = join(folder, "pixels.safetensors");
    const write = (shape: number[], value: number): Promise<void> => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
      return writeSafetensors(file, [{ name: "pixels", dtype: "F32", shape, data }]);
    };
    await write([1, 1, 16, 16], 0);
    expectRefusal(await run("project", "--pixels", file), "pixel-shape", /expected floats \[B,3,16,16\]/, 1);
    await write([2, 3, 16, 16], NaN);
    expectRefusal(await run("project", "--pixels", file), "pixel-value", /not finite numbers/, 1);
    await write([2, 3, 16, 16], 0.5);
    expect((await json<Projected>("project", "--pixels", file)).images).toHaveLength(2);
  });

  test("turns dark ink bright", async () => {
    const file = join(folder, "inverted.safetensors");
    await run("project", picture, "--invert", "--out", file);
    const { pixels } = pixelsOfPicture(await decodeImage(picture), architecture);
    const tensor = await tensorsOf(file);
    tensor("input").data.forEach((value, i) => {
      expect(value).toBe(-pixels.data[i]!);
    });
  });
});

test("models info tells what it is, and its sites", async () => {
  const { code, stdout } = await vitrine(["models", "info", model, "--sites", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: "idempotent-generator",
    size: 16,
    channels: 3,
    modes: ["noise", "batch"],
    metadata: { caveat: "It knows nothing." },
    sites: expect.arrayContaining([{ name: "latent", shape: [8] }]) as object[],
  });
});

test("a picture survives the way to pixels and back", async () => {
  const before = await decodeImage(picture);
  const [after] = picturesOfPixels(pixelsOfPicture(before, architecture).pixels);
  expect(after).toEqual(before);
});
