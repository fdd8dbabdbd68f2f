import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/engine/media/decode.js";
import { encodePng } from "../../src/engine/media/encode.js";
import { rgbImage } from "../../src/engine/media/image.js";
import { Random } from "../../src/engine/tensor/random.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../src/engine/weights/safetensors/read.js";
import { writeSafetensors } from "../../src/engine/weights/safetensors/write.js";
import { contrasts, contrastsWith } from "../../src/methods/decompose/attribution.js";
import { segmentation, segmentationHeat } from "../../src/methods/decompose/segmentation.js";
import { zeroShotWeights } from "../../src/methods/decompose/zero-shot.js";
import { loadClip } from "../../src/models/clip/load.js";
import { renderScene, sampleScene, type Scene, sceneTruth } from "../../src/worlds/scenes/index.js";
import { largestDifference } from "../support/clips.js";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const clip = await loadClip("clip-scenes");

interface Document {
  readonly model: { readonly ref: string; readonly caveat: string; readonly grid: number };
  readonly alignment?: string;
  readonly images: readonly {
    readonly name: string;
    readonly texts: readonly {
      readonly text: string;
      readonly foreground: number;
      readonly figures?: { readonly pixelAccuracy: number; readonly meanIoU: number };
    }[];
  }[];
  readonly figures?: readonly { readonly text: string; readonly pictures: number; readonly pixelAccuracy: number }[];
  readonly files: readonly string[];
}

const segment = async (words: readonly string[]): Promise<Document> => {
  const { code, stdout, stderr } = await vitrine(["segment", ...words, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Document;
};

/** A picture of one scene and the mask of its objects, as files of `size` pixels. */
async function sceneFiles(name: string, scene: Scene, size: number): Promise<{ picture: string; mask: string }> {
  const [picture, mask] = [join(folder, `${name}.png`), join(folder, `${name}-mask.png`)];
  await writeFile(picture, await encodePng(renderScene(scene, size)));
  const levels = new Uint8Array(size * size * 3);
  for (const object of sceneTruth(scene, size).objects)
    object.mask.forEach((one, i) => {
      if (one === 1) levels.fill(255, 3 * i, 3 * i + 3);
    });
  await writeFile(mask, await encodePng(rgbImage(size, size, levels)));
  return { picture, mask };
}

const random = new Random(8);
const scenes = ["heart", "mushroom"].map((shape) =>
  sampleScene(random, { objects: [1, 1], shapes: [shape as "heart" | "mushroom"], styles: ["clean"] }),
);
const [heart, mushroom] = (await Promise.all(scenes.map((scene, i) => sceneFiles(`scene ${i}`, scene, 128)))) as [
  { picture: string; mask: string },
  { picture: string; mask: string },
];
const texts = ["a heart", "a mushroom", "a fish"];
const asked = texts.flatMap((text) => ["--text", text]);

describe("two pictures with masks", async () => {
  const out = join(folder, "out");
  const masks = ["--mask", heart.mask, "--mask", mushroom.mask];
  const document = await segment([heart.picture, mushroom.picture, ...asked, ...masks, "--out", out]);
  const { tensors, metadata } = await readSafetensorsHeader(join(out, "segmentation.safetensors"));
  const [heat, foreground] = [readStored(tensors.get("heat")!), readStored(tensors.get("foreground")!)];

  test("give the heat of the method, each text against the others", async () => {
    const images = await Promise.all([decodeImage(heart.picture), decodeImage(mushroom.picture)]);
    const directions = contrasts(await zeroShotWeights(clip, texts, ["{}"]));
    const wanted = await segmentationHeat(clip, clip.preprocess(images), directions);
    expect(heat.shape).toEqual([2, 3, 8, 8]);
    expect(largestDifference(heat.data, wanted.data)).toBeLessThan(1e-5);
    expect(metadata).toMatchObject({ method: "segment", heads: "all", against: "[]" });
    expect(JSON.parse(metadata["texts"]!)).toEqual(texts);
  });

  test("write masks of it, as tensors and as pictures", async () => {
    expect(foreground.shape).toEqual([2, 3, 64, 64]);
    for (let row = 0; row < 6; row++) {
      const one = foreground.data.subarray(row * 4096, (row + 1) * 4096);
      const found = segmentation(heat.data.subarray(row * 64, (row + 1) * 64), clip.parts.vision);
      expect([...one]).toEqual([...found.foreground]);
      const share = one.reduce((a, b) => a + b, 0) / 4096;
      expect(document.images[Math.floor(row / 3)]!.texts[row % 3]!.foreground).toBeCloseTo(share, 9);
    }
    const picture = await decodeImage(join(out, "masks", "scene-1--a-mushroom.png"));
    expect(Array.from(picture.data, (level) => level / 255)).toEqual(
      Array.from({ length: 4096 * 3 }, (_, i) => foreground.data[4 * 4096 + Math.floor(i / 3)]!),
    );
    expect(document.files).toHaveLength(1 + 2 * 6);
    for (const file of document.files) expect(existsSync(file), file).toBe(true);
  });

  test("are scored: the text that names the thing finds it best", () => {
    expect(document.alignment).toBe("aligned");
    const [first, second] = document.images.map(({ texts }) => texts.map(({ figures }) => figures!.meanIoU));
    expect(Math.max(...first!)).toBe(first![0]);
    expect(Math.max(...second!)).toBe(second![1]);
    for (const [t, { pictures, pixelAccuracy }] of document.figures!.entries()) {
      expect(pictures).toBe(2);
      const each = document.images.map(({ texts }) => texts[t]!.figures!.pixelAccuracy);
      expect(pixelAccuracy).toBeCloseTo((each[0]! + each[1]!) / 2, 9);
    }
  });

  test("for people, a line for each text and picture, then the whole", async () => {
    const { stdout } = await vitrine(["segment", heart.picture, mushroom.picture, ...asked, ...masks]);
    expect(stdout).toContain("8 × 8 patches · all heads, each text against the others\n");
    expect(stdout.match(/^ {2}a heart .* foreground +\d.*pixels right \d+ % +mIoU \d+ % +AP \d+ %$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/\nall 2 pictures\n {2}a heart +pixels right/);
  });

  test("are not overwritten unless told to", async () => {
    const words = ["segment", heart.picture, "--text", "a heart", "--out", out];
    const refused = await vitrine(words);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(/earlier run.*\[output-exists\]/);
    expect((await vitrine([...words, "--force"])).code).toBe(0);
  });
});

test("chosen heads, and texts to set against", async () => {
  const out = join(folder, "some");
  const words = [
    "--text",
    "a heart",
    "--against",
    "a fish",
    "--against",
    "a house",
    "--head",
    "3.1",
    "--head",
    "L2.H5",
  ];
  await segment([heart.picture, ...words, "--out", out]);
  const { tensors, metadata } = await readSafetensorsHeader(join(out, "segmentation.safetensors"));
  const directions = contrastsWith(
    await zeroShotWeights(clip, ["a heart"], ["{}"]),
    await zeroShotWeights(clip, ["a fish", "a house"], ["{}"]),
  );
  const heads = [
    { layer: 3, head: 1 },
    { layer: 2, head: 5 },
  ];
  const pixels = clip.preprocess([await decodeImage(heart.picture)]);
  const wanted = await segmentationHeat(clip, pixels, directions, { heads });
  expect(largestDifference(readStored(tensors.get("heat")!).data, wanted.data)).toBeLessThan(1e-5);
  expect(metadata["heads"]).toBe("L3.H1 L2.H5");
});

test("pixels from a file give what their pictures give", async () => {
  const file = join(folder, "cut.safetensors");
  const { shape, data } = clip.preprocess([await decodeImage(heart.picture)]);
  await writeSafetensors(file, [{ name: "pixels", dtype: "F32", shape, data }]);
  const [a, b] = [await segment(["--pixels", file, ...asked]), await segment([heart.picture, ...asked])];
  expect(a.images[0]!.texts).toEqual(b.images[0]!.texts);
  expect(a.images[0]!.name).toBe("cut[0]");
});

test.concurrent.each([
  ["", /nothing to look for: got no --text.*\[usage\]/],
  ["--text a --text a", /the same --text twice.*\[usage\]/],
  ["--text a --against b --against b", /the same --against twice.*\[usage\]/],
  ["--text a --head 4.0 --out NEW", /no such heads: clip-scenes: got L4.H0, expected each once, from L0.H0 to L3.H5/],
  ["--text a --head top", /--head.*expected a layer and a head, such as 3\.1.*\[usage\]/],
  ["--text a --mask SCENE", /not a mask: .*scene\.png: got colours.*\[usage\]/],
  ["--text a --mask FISH", /a mask of another size.*got 640×480, expected 256×256.*\[usage\]/],
  ["--text a --mask SCENE --mask SCENE", /got 2 of --mask for 1 picture, expected one.*\[usage\]/],
  ["--text a --alignment both", /Allowed choices are aligned, reference.*\[usage\]/],
])("%j is refused", async (args, says) => {
  const [scene, fish, made] = [join(ROOT, "examples/scene.png"), join(ROOT, "examples/fish.png"), join(folder, "new")];
  const words = args.replaceAll("SCENE", scene).replaceAll("FISH", fish).replaceAll("NEW", made).split(" ");
  const { code, stdout, stderr } = await vitrine(["segment", scene, ...words.filter(Boolean)]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(says);
  expect(existsSync(made)).toBe(false);
});
