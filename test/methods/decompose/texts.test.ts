/** Texts: zero-shot directions, classification, and attribution to parts. */
import { describe, expect, test } from "vitest";
import { dotRows, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { attribute, contrasts, rankHeads } from "../../../src/methods/decompose/attribution.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { TEMPLATES } from "../../../src/methods/decompose/templates.js";
import { classify, zeroShotWeights } from "../../../src/methods/decompose/zero-shot.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels } from "../../support/clips.js";

const clip = await loadClip("clip-random");
const pixels = randomPixels(2, clip.parts.vision.imageSize);
const names = ["fish", "boat", "sun"];

describe("zero-shot", () => {
  test("directions are the normalised means over templates", async () => {
    const templates = ["a photo of a {}.", "{} and {}"];
    const directions = await zeroShotWeights(clip, names, templates);
    const width = clip.parts.vision.features;
    for (const [i, name] of names.entries()) {
      const features = normaliseRows(await clip.encodeText(templates.map((t) => t.replaceAll("{}", name))));
      const sum = Float32Array.from({ length: width }, (_, k) => features.data[k]! + features.data[width + k]!);
      const wanted = normaliseRows(floatTensor(sum, [1, width]));
      expect(largestDifference(directions.data.subarray(i * width, (i + 1) * width), wanted.data)).toBeLessThan(1e-5);
    }
  });

  test("the published set has its 80 templates, each with a place for the name, none twice", () => {
    expect(TEMPLATES.imagenet).toHaveLength(80);
    expect(new Set(TEMPLATES.imagenet).size).toBe(80);
    expect(TEMPLATES.imagenet.every((template) => template.split("{}").length === 2)).toBe(true);
  });

  test("names with $ signs are taken literally", async () => {
    const a = await zeroShotWeights(clip, ["$& $1"], ["{}"]);
    const b = normaliseRows(await clip.encodeText(["$& $1"]));
    expect(largestDifference(a.data, b.data)).toBeLessThan(1e-6);
  });

  test.each([
    [[], ["{}"]],
    [["x"], []],
    [["x"], ["no place"]],
  ])("refuses names %j with templates %j", async (n, t) => {
    await expect(zeroShotWeights(clip, n, t)).rejects.toMatchObject({ code: "usage" });
  });

  test("probabilities are the softmax of scaled cosines", async () => {
    const directions = await zeroShotWeights(clip, names);
    const { cosines, probabilities } = classify(clip, await clip.encodeImage(pixels), directions);
    for (let b = 0; b < 2; b++) {
      const row = Array.from(cosines.data.subarray(b * 3, b * 3 + 3));
      const total = row.reduce((sum, c) => sum + Math.exp(clip.parts.logitScale * c), 0);
      row.forEach((c, t) => {
        expect(probabilities.data[b * 3 + t]).toBeCloseTo(Math.exp(clip.parts.logitScale * c) / total, 5);
        expect(Math.abs(c)).toBeLessThanOrEqual(1);
      });
    }
  });
});

describe("attribution", async () => {
  const decomposition = await decompose(clip, pixels);
  const heads = await expandHeads(clip, decomposition);
  const directions = await zeroShotWeights(clip, names);

  test("adds up to the cosine of each text", () => {
    const parts = attribute(heads, decomposition, directions);
    const { cosines } = classify(clip, decomposition.image_features, directions);
    for (let b = 0; b < 2; b++) {
      for (let t = 0; t < 3; t++) {
        let sum = 0;
        for (const { data } of [parts.heads, parts.mlps]) {
          const rows = data.length / 2 / 3;
          for (let row = 0; row < rows; row++) sum += data[(b * rows + row) * 3 + t]!;
        }
        expect(sum).toBeCloseTo(cosines.data[b * 3 + t]!, 5);
      }
    }
  });

  test("contrasts take the mean of the other texts away", () => {
    const contrast = contrasts(directions);
    const width = directions.shape[1]!;
    for (let k = 0; k < width; k++) {
      const [a, b, c] = [0, 1, 2].map((t) => directions.data[t * width + k]!) as [number, number, number];
      expect(contrast.data[k]).toBeCloseTo(a - (b + c) / 2, 5);
    }
    const single = floatTensor(directions.data.slice(0, width), [1, width]);
    expect(contrasts(single).data).toEqual(single.data);
  });

  test("ranks every head once, from what speaks most for the text to what speaks most against it", () => {
    const parts = attribute(heads, decomposition, contrasts(directions));
    const ranked = rankHeads(parts, 1, 2);
    const { layers, heads: perLayer } = clip.parts.vision;
    expect(new Set(ranked.map(({ layer, head }) => `${layer}.${head}`)).size).toBe(layers * perLayer);
    expect(ranked.map(({ value }) => value)).toEqual(ranked.map(({ value }) => value).toSorted((a, b) => b - a));
    const { layer, head, value } = ranked[0]!;
    const all = dotRows(heads, contrasts(directions));
    expect(value).toBe(all.data[((1 * layers + layer) * perLayer + head) * 3 + 2]);
  });
});
