/** The hook: every site can be read and edited, and doing so without changing a value changes no bit. */
import { describe, expect, test } from "vitest";
import { EditShapeError, UnknownSiteError } from "../../../src/engine/graph/errors.js";
import { add, mul } from "../../../src/engine/graph/ops/elementwise.js";
import { constant } from "../../../src/engine/graph/ops/leaves.js";
import { slice } from "../../../src/engine/graph/ops/shaping.js";
import type { Selector } from "../../../src/engine/graph/sites.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { decompose } from "../../../src/methods/decompose/decompose.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels } from "../../support/clips.js";

const clip = await loadClip("clip-random");
const { imageSize, layers, heads, width, hidden, tokens, features } = clip.parts.vision;
const pixels = randomPixels(2, imageSize);
const texts = ["a fish", "a boat on the sea"];
const plain = await clip.encodeImage(pixels);
const plainText = await clip.encodeText(texts);
const sites = clip.sites();
const every = (prefix: string): Record<string, Selector> =>
  Object.fromEntries(sites.filter((site) => site.startsWith(prefix)).map((site) => [site, site]));

describe("sites", () => {
  test("follow the grammar, with the shapes it promises", async () => {
    const shapes: Record<string, number[]> = {
      "visual.embed": [2, tokens, width],
      "visual.pos_embed": [2, tokens, width],
      "visual.pre_norm": [2, tokens, width],
      "visual.post_norm": [2, tokens, width],
      "visual.post_norm.scale": [2, tokens, 1],
      "visual.pooled": [2, width],
      "visual.features": [2, features],
    };
    for (let layer = 0; layer < layers; layer++) {
      const at = (name: string): string => `visual.blocks.${layer}.${name}`;
      for (const name of ["resid_pre", "resid_mid", "resid_post", "attn.out", "mlp.out"])
        shapes[at(name)] = [2, tokens, width];
      for (const name of ["norm1.scale", "norm2.scale"]) shapes[at(name)] = [2, tokens, 1];
      for (const name of ["q", "k", "v", "z"]) shapes[at(`attn.${name}`)] = [2, heads, tokens, width / heads];
      for (const name of ["scores", "pattern"]) shapes[at(`attn.${name}`)] = [2, heads, tokens, tokens];
      for (const name of ["mlp.pre", "mlp.post"]) shapes[at(name)] = [2, tokens, hidden];
    }
    const read: Record<string, { shape: readonly number[] }> = await clip.read(pixels, every("visual"));
    for (const [name, shape] of Object.entries(shapes)) expect(read[name]?.shape, name).toEqual(shape);
    const unnamed = sites.filter((site) => site.startsWith("visual") && !(site in shapes));
    expect(unnamed).toEqual(["visual.pre_norm.scale"]);
  });

  test("reading all of them changes no bit of the features", async () => {
    const { features } = await clip.read(pixels, every("visual"));
    expect(features.data).toEqual(plain.data);
    const text = await clip.readText(texts, every("text"));
    expect(text.features.data).toEqual(plainText.data);
  });

  test("reading any one of them changes no bit of the features", async () => {
    for (const site of sites) {
      const isImage = site.startsWith("visual");
      const { features } = isImage ? await clip.read(pixels, { site }) : await clip.readText(texts, { site });
      expect(features.data, site).toEqual(isImage ? plain.data : plainText.data);
    }
  });

  test("a pattern reads a list in the order of the model, as names do one by one", async () => {
    const { z } = await clip.read(pixels, { z: "visual.blocks.*.attn.z" });
    expect(z).toHaveLength(layers);
    for (const [layer, tensor] of z.entries()) {
      const { one } = await clip.read(pixels, { one: `visual.blocks.${layer}.attn.z` });
      expect(tensor.data).toEqual(one.data);
    }
  });
});

describe("identity edits", () => {
  test("returning the value changes no bit", async () => {
    await using edited = clip.edit({
      "visual.*": same,
      "visual.blocks.*.*": same,
      "visual.blocks.*.*.*": same,
      "text.*": same,
    });
    expect((await edited.encodeImage(pixels)).data).toEqual(plain.data);
    expect((await edited.encodeText(texts)).data).toEqual(plainText.data);
  });

  test("an equal value in its place changes no bit, at any site", async () => {
    for (const site of sites) {
      await using edited = clip.edit({ [site]: (value) => mul(value, 1) });
      const isImage = site.startsWith("visual");
      const result = isImage ? await edited.encodeImage(pixels) : await edited.encodeText(texts);
      // Object.is would tell 0 from -0, which x + 0 does not keep.
      expect(largestDifference(result.data, (isImage ? plain : plainText).data), site).toBe(0);
    }
  }, 120_000);
});

describe("edits", () => {
  test("silencing a head equals taking its contribution out of the last layer", async () => {
    const layer = layers - 1;
    const keep = new Float32Array(heads).fill(1).fill(0, 1, 2);
    const mask = floatTensor(keep, [1, heads, 1, 1]);
    await using edited = clip.edit({ [`visual.blocks.${layer}.attn.z`]: (z) => mul(z, constant(mask)) });
    const before = await clip.read(pixels, {
      mid: `visual.blocks.${layer}.resid_mid`,
      z: `visual.blocks.${layer}.attn.z`,
    });
    const after = await edited.read(pixels, {
      mid: `visual.blocks.${layer}.resid_mid`,
      z: `visual.blocks.${layer}.attn.z`,
    });
    const size = (tokens * width) / heads;
    for (let h = 0; h < heads; h++) {
      const kept = after.z.data.subarray(h * size, (h + 1) * size);
      const wanted = h === 1 ? new Float32Array(size) : before.z.data.subarray(h * size, (h + 1) * size);
      expect(largestDifference(kept, wanted)).toBe(0);
    }
    expect(largestDifference(before.mid.data, after.mid.data)).toBeGreaterThan(1e-3);
  });

  test("a doubled final norm scale doubles the features, less the bias", async () => {
    await using edited = clip.edit({ "visual.post_norm.scale": (scale) => mul(scale, 2) });
    const { features: doubled, normed } = await edited.read(pixels, { normed: "visual.post_norm" });
    const { normed: before } = await clip.read(pixels, { normed: "visual.post_norm" });
    const bias = await biasOf();
    const wanted = before.data.map((x, i) => 2 * (x - bias[i % width]!) + bias[i % width]!);
    expect(largestDifference(normed.data, wanted)).toBeLessThan(1e-4);
    expect(largestDifference(doubled.data, plain.data)).toBeGreaterThan(1e-3);
  });

  test("compose, leave the original alone, and are what decompose takes apart", async () => {
    const shift = 0.25;
    await using once = clip.edit({ "visual.blocks.0.mlp.out": (value) => add(value, shift) });
    await using twice = once.edit({ "visual.blocks.0.mlp.out": (value) => add(value, shift) });
    const read = async (model: typeof clip): Promise<Float32Array> =>
      (await model.read(pixels, { out: "visual.blocks.0.mlp.out" })).out.data;
    const original = await read(clip);
    expect(
      largestDifference(
        await read(once),
        original.map((x) => x + shift),
      ),
    ).toBeLessThan(1e-6);
    expect(
      largestDifference(
        await read(twice),
        original.map((x) => x + 2 * shift),
      ),
    ).toBeLessThan(1e-6);
    const taken = await decompose(twice, pixels);
    expect(taken.image_features.data).toEqual((await twice.encodeImage(pixels)).data);
  });
});

describe("mistakes", () => {
  test("a selector that matches no site", async () => {
    expect(() => clip.edit({ "visual.blocks.99.attn.z": same })).toThrow(UnknownSiteError);
    expect(() => clip.edit({ "visual.blocks.99.attn.z": same })).toThrow(
      /no site of this model matches the selector: got "visual\.blocks\.99\.attn\.z", expected a site such as visual\.blocks\.0\.attn\.z/,
    );
    await expect(clip.read(pixels, { x: "visual.blocks.*.attn.zz" })).rejects.toThrow(UnknownSiteError);
    await expect(clip.read(pixels, { x: "text.blocks.0.attn.z" })).rejects.toThrow(UnknownSiteError);
    await expect(clip.readText(texts, { x: "visual.pooled" })).rejects.toThrow(UnknownSiteError);
  });

  test("an edit that changes the shape", () => {
    const cut = (): unknown =>
      clip.edit({ "visual.blocks.1.attn.z": (z) => slice(z, 0, 0, z.shape[0]!) && slice(z, 1, 0, 1) });
    expect(cut).toThrow(EditShapeError);
    expect(cut).toThrow(/an edit must keep the shape of its site: visual\.blocks\.1\.attn\.z: got \[1,1,/);
  });
});

function same<T>(value: T): T {
  return value;
}

/** The final norm's bias, as the model shows it: what is left when the scale is zero. */
async function biasOf(): Promise<Float32Array> {
  await using edited = clip.edit({ "visual.post_norm.scale": (scale) => mul(scale, 0) });
  const { normed } = await edited.read(pixels, { normed: "visual.post_norm" });
  return normed.data.slice(0, width);
}
