/** The hook: every site can be read and edited, and doing so without changing a value changes no bit. */
import { describe, expect, test } from "vitest";
import { EditShapeError, UnknownSiteError } from "../../../src/engine/graph/errors.js";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { constant } from "../../../src/engine/graph/ops/leaves.js";
import { slice } from "../../../src/engine/graph/ops/shaping.js";
import type { Selector } from "../../../src/engine/graph/sites.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { largestRemainder } from "../../../src/methods/decompose/attribution.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { UnattributableEditError } from "../../../src/methods/decompose/edits.js";
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

describe("selectors", () => {
  test("of both towers' sites edit the tower that has them", async () => {
    await using edited = clip.edit({
      "*.pre_norm": (value) => mul(value, 2),
      "*.blocks.3.attn.z": (value) => mul(value, 2),
    });
    expect(largestDifference((await edited.encodeImage(pixels)).data, plain.data)).toBeGreaterThan(1e-3);
    expect((await edited.encodeText(texts)).data).toEqual(plainText.data);
  });

  test("patching one picture's values into another's run gives the other's features", async () => {
    const other = randomPixels(2, imageSize, 6);
    const last = `visual.blocks.${layers - 1}.resid_post`;
    const { features: wanted, stream } = await clip.read(other, { stream: last });
    await using patched = clip.edit({ [last]: () => constant(stream) });
    expect((await patched.encodeImage(pixels)).data).toEqual(wanted.data);
  });
});

describe("decomposing an edited model", () => {
  const change = (value: Value): Value => mul(value, 0.5);

  test("adds up for an edit at any site, or is refused", async () => {
    const refused: string[] = [];
    for (const site of sites.filter((name) => name.startsWith("visual."))) {
      await using edited = clip.edit({ [site]: change });
      try {
        const parts = await decompose(edited, pixels);
        expect(largestRemainder(await expandHeads(edited, parts), parts), site).toBeLessThan(1e-5);
      } catch (error) {
        if (!(error instanceof UnattributableEditError)) throw error;
        refused.push(site.replace(/\.\d+\./, ".*."));
      }
    }
    const past = ["attn.out", "resid_pre", "resid_mid", "resid_post"].map((name) => `visual.blocks.*.${name}`);
    expect(new Set(refused)).toEqual(new Set([...past, "visual.post_norm", "visual.pooled", "visual.features"]));
  }, 120_000);

  test("by token adds up for an edit of the attention, and is refused for one of its output", async () => {
    for (const name of ["attn.pattern", "attn.v", "attn.scores", "mlp.post"]) {
      await using edited = clip.edit({ [`visual.blocks.1.${name}`]: change });
      const parts = await decompose(edited, pixels, { tokens: true });
      const { token_contributions, mlp_contributions, image_features, head_scalars } = parts;
      const sums = new Float64Array(2 * features);
      for (const { data } of [token_contributions!, mlp_contributions]) {
        data.forEach((x, i) => (sums[Math.floor(i / (data.length / 2)) * features + (i % features)]! += x));
      }
      const wanted = image_features.data.map((x, i) => x * head_scalars.data[Math.floor(i / features) * 3 + 2]!);
      expect(largestDifference(sums, wanted), name).toBeLessThan(1e-5);
    }
    await using silenced = clip.edit({ "visual.blocks.1.attn.z": change });
    await expect(decompose(silenced, pixels, { tokens: true })).rejects.toThrow(UnattributableEditError);
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

  test("an edit that changes the shape", async () => {
    await using cut = clip.edit({ "visual.blocks.1.attn.z": (z) => slice(z, 1, 0, 1) });
    await expect(cut.encodeImage(pixels)).rejects.toThrow(EditShapeError);
    await expect(cut.encodeImage(pixels)).rejects.toThrow(
      /an edit must keep the shape of its site: visual\.blocks\.1\.attn\.z: got \[2,1,/,
    );
  });

  test("a site to read under the name of the features", async () => {
    await expect(clip.read(pixels, { features: "visual.pooled" })).rejects.toMatchObject({ code: "usage" });
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
