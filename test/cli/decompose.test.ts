import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/engine/media/decode.js";
import { normaliseRows } from "../../src/engine/tensor/rows.js";
import type { FloatTensor } from "../../src/engine/tensor/tensor.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../src/engine/weights/safetensors/read.js";
import { writeSafetensors } from "../../src/engine/weights/safetensors/write.js";
import { loadClip } from "../../src/models/clip/load.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { ROOT } from "../support/paths.js";
import { writePictures } from "../support/pictures.js";
import { vitrine } from "../support/vitrine.js";

const FISH = join(ROOT, "examples/fish.png");
const TEXTS = ["a fish", "the sun, at noon", "a boat"];
const folder = scratchFolder();

/** `vitrine decompose` with the model of random weights: what it prints is exact, whatever it means. */
const decomposeRandom = (
  words: readonly string[],
  options?: Parameters<typeof vitrine>[1],
): ReturnType<typeof vitrine> => vitrine(["decompose", "--model", "clip-random", ...words], options);

const asked = TEXTS.flatMap((text) => ["--text", text]);

interface Document {
  readonly model: { readonly ref: string; readonly caveat?: string };
  readonly texts: readonly string[];
  readonly images: readonly {
    readonly name: string;
    readonly scores: readonly { readonly text: string; readonly cosine: number; readonly probability: number }[];
    readonly heads: readonly {
      readonly text: string;
      readonly layer: number;
      readonly head: number;
      readonly value: number;
      readonly contrast?: number;
    }[];
    readonly start: { readonly values: readonly number[] };
    readonly layers: readonly {
      readonly attention: { readonly values: readonly number[] };
      readonly mlp: { readonly values: readonly number[] };
    }[];
  }[];
  readonly remainder: number;
  readonly files: readonly string[];
  readonly provenance: { readonly version: string; readonly device: string; readonly seconds: number };
}

async function tensorsOf(
  out: string,
): Promise<{ read: (name: string) => FloatTensor; metadata: Readonly<Record<string, string>>; names: string[] }> {
  const { tensors, metadata } = await readSafetensorsHeader(join(out, "decomposition.safetensors"));
  return { read: (name) => readStored(tensors.get(name)!), metadata, names: [...tensors.keys()].sort() };
}

/** Sums […,D] over all but the last axis. */
function sumRows(...tensors: readonly FloatTensor[]): number[] {
  const width = tensors[0]!.shape.at(-1)!;
  const sums = new Array<number>(width).fill(0);
  for (const { data } of tensors) data.forEach((x, i) => (sums[i % width]! += x));
  return sums;
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i]!)), 0);

describe("with everything asked for", async () => {
  const out = join(folder, "new", "everything");
  const run = await decomposeRandom([FISH, ...asked, "--out", out, "--full", "--json"]);
  const document = JSON.parse(run.stdout) as Document;

  test("the run is quiet, and its document complete", () => {
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
    expect(document.model).toMatchObject({ ref: "clip-random", layers: 4, heads: 4, tokens: 65 });
    expect(document.model.caveat).toContain("random");
    expect(document.texts).toEqual(TEXTS);
    expect(document.remainder).toBeLessThan(1e-5);
    expect(document.provenance).toMatchObject({ device: "cpu", preprocessing: { imageSize: 128, filter: "bicubic" } });
    expect(document.files.map((file) => file.slice(out.length + 1)).sort()).toEqual([
      "decomposition.safetensors",
      "maps/fish--a-boat.png",
      "maps/fish--a-fish.png",
      "maps/fish--the-sun-at-noon.png",
      "report.html",
    ]);
    for (const file of document.files) expect(existsSync(file), file).toBe(true);
  });

  test("nothing else is left in the folder", async () => {
    expect((await readdir(out)).sort()).toEqual(["decomposition.safetensors", "maps", "report.html"]);
  });

  test("heads and MLPs, and tokens and MLPs, add up to the normalised features", async () => {
    const { read } = await tensorsOf(out);
    const unit = normaliseRows(read("image_features")).data;
    const mlps = read("mlp_contributions");
    expect(largestDifference(sumRows(read("head_contributions"), mlps), unit)).toBeLessThan(1e-5);
    expect(largestDifference(sumRows(read("token_contributions"), mlps), unit)).toBeLessThan(1e-5);
  });

  test("tensors have the shapes that the metadata name", async () => {
    const { read, metadata, names } = await tensorsOf(out);
    const axes = JSON.parse(metadata["axes"]!) as Record<string, string[]>;
    expect(Object.keys(axes).sort()).toEqual(names);
    for (const name of names) expect(axes[name], name).toHaveLength(read(name).shape.length);
    expect(read("head_coordinates").shape).toEqual([1, 4, 4, 32]);
    expect(read("head_scalars").shape).toEqual([1, 3]);
    expect(read("mlp_contributions").shape).toEqual([1, 5, 64]);
    expect(metadata).toMatchObject({
      method: "decompose",
      convention: "reference",
      model: "clip-random",
      templates: "none",
    });
    expect(JSON.parse(metadata["images"]!)).toEqual([FISH]);
    expect(JSON.parse(metadata["texts"]!)).toEqual(TEXTS);
  });

  test("projections on texts add up to the cosines of the document", async () => {
    const { read } = await tensorsOf(out);
    const [image] = document.images;
    const texts = read("text_features");
    const mlpTexts = TEXTS.map((_, t) => {
      const direction = texts.data.subarray(t * 64, (t + 1) * 64);
      return sumRows(read("mlp_contributions")).reduce((sum, x, i) => sum + x * direction[i]!, 0);
    });
    const heads = sumRows(read("head_text"));
    const tokens = sumRows(read("token_text"));
    image!.scores.forEach(({ text, cosine }, t) => {
      expect(text).toBe(TEXTS[t]);
      expect(heads[t]! + mlpTexts[t]!).toBeCloseTo(cosine, 5);
      expect(tokens[t]! + mlpTexts[t]!).toBeCloseTo(cosine, 5);
      const layers = image!.layers.map(({ attention, mlp }) => attention.values[t]! + mlp.values[t]!);
      expect(layers.reduce((a, b) => a + b, image!.start.values[t]!)).toBeCloseTo(cosine, 5);
    });
    expect(image!.scores.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  });

  test("the heads of each text are those with the largest contrast", async () => {
    const { read } = await tensorsOf(out);
    const { data } = read("head_text");
    for (const [t, text] of TEXTS.entries()) {
      const contrasts = Array.from({ length: 16 }, (_, cell) => {
        const values = data.subarray(cell * 3, cell * 3 + 3);
        return values[t]! - (values.reduce((a, b) => a + b, 0) - values[t]!) / 2;
      });
      const best = contrasts.toSorted((a, b) => b - a).slice(0, 5);
      const listed = document.images[0]!.heads.filter((head) => head.text === text);
      expect(listed).toHaveLength(5);
      listed.forEach(({ layer, head, value, contrast }, i) => {
        expect(contrast).toBeCloseTo(best[i]!, 6);
        expect(contrast).toBeCloseTo(contrasts[layer * 4 + head]!, 6);
        expect(value).toBeCloseTo(data[(layer * 4 + head) * 3 + t]!, 6);
      });
    }
  });

  test("heat maps are as large as what the model sees, and differ", async () => {
    const maps = document.files.filter((file) => file.endsWith(".png"));
    const pictures = await Promise.all(maps.map((file) => decodeImage(file)));
    for (const { width, height } of pictures) expect([width, height]).toEqual([128, 128]);
    expect(new Set(pictures.map(({ data }) => Buffer.from(data).toString("base64"))).size).toBe(3);
  });
});

describe("an earlier run's results", () => {
  const out = join(folder, "earlier");
  const again = (...more: string[]): ReturnType<typeof vitrine> => decomposeRandom([FISH, "--out", out, ...more]);

  test("are refused, then replaced with --force, while other files stay", async () => {
    expect((await again("--text", "a cat")).code).toBe(0);
    await writeFile(join(out, "maps", "mine.png"), "mine");
    const before = await readFile(join(out, "report.html"), "utf8");

    const refused = await again("--text", "a dog");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^vitrine: the folder holds the results of an earlier run: .* \[output-exists\]\n$/);
    expect(await readFile(join(out, "report.html"), "utf8")).toBe(before);

    expect((await again("--text", "a dog", "--force")).code).toBe(0);
    expect((await readdir(join(out, "maps"))).sort()).toEqual(["fish--a-dog.png", "mine.png"]);
    expect(await readFile(join(out, "report.html"), "utf8")).not.toBe(before);
  });

  test("survive a forced run that fails", async () => {
    const before = await readdir(out, { recursive: true });
    const failed = await decomposeRandom([FISH, "missing.png", "--out", out, "--force", "--batch", "1"]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/\[image-file-missing\]\n$/);
    expect(await readdir(out, { recursive: true })).toEqual(before);
  });
});

test("an unreadable picture leaves no folder behind", async () => {
  const out = join(folder, "not", "made");
  expect((await decomposeRandom([FISH, "missing.png", "--out", out])).code).toBe(1);
  expect(existsSync(join(folder, "not"))).toBe(false);
});

// So many paths also are a command line that ONNX Runtime's telemetry cannot take (see engine/runtime/node.ts).
test("Ctrl-C ends a run by its signal and leaves nothing behind", async () => {
  const out = join(folder, "interrupted");
  const pictures = Array.from({ length: 2000 }, () => FISH);
  const { signal, code } = await decomposeRandom([...pictures, "--out", out], {
    onStart: (child) => {
      // The heading is printed when the first batch is through, in the middle of the run.
      child.stdout!.once("data", () => {
        expect(existsSync(out)).toBe(true);
        child.kill("SIGINT");
      });
    },
  });
  expect({ signal, code }).toEqual({ signal: "SIGINT", code: null });
  expect(existsSync(out)).toBe(false);
});

describe("many pictures", async () => {
  const pictures = join(folder, "pictures");
  await mkdir(pictures);
  const paths = await writePictures(pictures, 60);
  const [one, seven] = [join(folder, "one"), join(folder, "seven")];
  const runs = await Promise.all([
    decomposeRandom([...paths, "--text", "red", "--out", one, "--batch", "1"]),
    decomposeRandom([...paths, "--text", "red", "--out", seven, "--batch", "7"]),
  ]);

  test("give the same in batches of 7, the last of them partial, as one by one", async () => {
    for (const { code, stderr } of runs) expect([code, stderr]).toEqual([0, ""]);
    const [single, batched] = [await tensorsOf(one), await tensorsOf(seven)];
    expect(batched.names).toEqual(single.names);
    for (const name of single.names) {
      const [a, b] = [single.read(name), batched.read(name)];
      expect(b.shape, name).toEqual(a.shape);
      // Not to the bit: matrix products of other sizes add in another order.
      expect(largestDifference(a.data, b.data), name).toBeLessThan(2e-6);
    }
    expect(single.read("image_features").shape).toEqual([60, 64]);
  });

  test("keep their order, and their own values", async () => {
    const { read, metadata } = await tensorsOf(seven);
    expect(JSON.parse(metadata["images"]!)).toEqual(paths);
    await using clip = await loadClip("clip-random");
    for (const index of [0, 6, 7, 55, 59]) {
      const features = await clip.encodeImage(clip.preprocess([await decodeImage(paths[index]!)]));
      const stored = read("image_features").data.subarray(index * 64, (index + 1) * 64);
      expect(largestDifference(features.data, stored)).toBeLessThan(1e-5);
    }
  });

  test("are told in full at first, then in one line each", () => {
    const lines = runs[0].stdout.split("\n");
    expect(lines.filter((line) => line.includes("Heads that gave most"))).toHaveLength(3);
    expect(lines.filter((line) => /picture \d+\.png {2}/.test(line))).toHaveLength(57);
    for (const line of lines.filter((one) => !one.includes(seven))) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe("pixels from a file", async () => {
  await using clip = await loadClip("clip-random");
  const file = join(folder, "cut.safetensors");
  const [picture] = await writePictures(folder, 1);
  const pixels = clip.preprocess([await decodeImage(FISH), await decodeImage(picture!)]);
  await writeSafetensors(file, [{ name: "pixels", dtype: "F32", shape: pixels.shape, data: pixels.data }]);
  const [fromPictures, fromPixels] = [join(folder, "from-pictures"), join(folder, "from-pixels")];
  const runs = await Promise.all([
    decomposeRandom([FISH, picture!, "--text", "a fish", "--out", fromPictures]),
    decomposeRandom(["--pixels", file, "--text", "a fish", "--out", fromPixels]),
  ]);

  test("give what the pictures give, to the bit", async () => {
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    const [a, b] = [await tensorsOf(fromPictures), await tensorsOf(fromPixels)];
    for (const name of a.names) expect(b.read(name), name).toEqual(a.read(name));
    expect(JSON.parse(b.metadata["images"]!)).toEqual(["cut[0]", "cut[1]"]);
  });

  test("are drawn as the pictures are", async () => {
    const map = (out: string, name: string): Promise<Buffer> => readFile(join(out, "maps", name));
    expect(await map(fromPixels, "cut-0--a-fish.png")).toEqual(await map(fromPictures, "fish--a-fish.png"));
  });
});

test("by default the model is clip-scenes, which knows what is in a scene and says what it does not know", async () => {
  const texts = ["a mushroom", "a heart", "a fish", "a house"];
  const words = ["decompose", join(ROOT, "examples/scene.png"), ...texts.flatMap((text) => ["--text", text])];
  const { code, stdout, stderr } = await vitrine([...words, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const { model, images } = JSON.parse(stdout) as Document;
  expect(model.ref).toBe("clip-scenes");
  expect(model.caveat).toContain("of photographs it knows nothing");
  const ranked = images[0]!.scores.toSorted((a, b) => b.cosine - a.cosine).map(({ text }) => text);
  expect(ranked.slice(0, 2).sort()).toEqual(["a heart", "a mushroom"]);
  const { stdout: told } = await vitrine(words);
  expect(told.split("\n")[1]).toBe(model.caveat);
});

test("without texts there are layer norms, and advice", async () => {
  const { code, stdout } = await decomposeRandom([FISH]);
  expect(code).toBe(0);
  expect(stdout).toContain("‖attention‖");
  expect(stdout).toMatch(/Parts add up to the whole: largest difference \d\.\de-\d\./);
  expect(stdout).toContain('Add --text "a cat"');
});

test("names of pictures and texts cannot leave the folder, collide or carry markup", async () => {
  const out = join(folder, "names");
  const [picture] = await writePictures(folder, 1);
  const hostile = "<script>alert('file')<\u2215script>.png";
  const paths = [join(folder, "a", "same.png"), join(folder, "b", "same.png"), join(folder, hostile)];
  for (const path of paths) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, await readFile(picture!));
  }
  const texts = ["../../escape", "</script><script>alert('text')</script>", "日本語", "..."];
  const { code } = await decomposeRandom([...paths, ...texts.flatMap((text) => ["--text", text]), "--out", out]);
  expect(code).toBe(0);
  const maps = await readdir(join(out, "maps"));
  expect(maps).toHaveLength(12);
  for (const name of ["same--escape.png", "same-2--日本語.png", "same--text.png"]) expect(maps).toContain(name);
  const report = await readFile(join(out, "report.html"), "utf8");
  expect(report.match(/<script/g)).toHaveLength(1);
  expect(report).not.toContain("alert('");
});
