/** Second-order effects: against the reference implementation's, and against the formula taken neuron by neuron. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { type Bookkeeping, neuronEffects } from "../../../src/methods/neurons/second-order.js";
import { loadClip } from "../../../src/models/clip/load.js";
import {
  largestDifference,
  randomPixels,
  readAll,
  SMALL_CLIPS,
  type Tensors,
  writeOpenClip,
} from "../../support/clips.js";
import { GOLDEN } from "../../support/paths.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { vitrine } from "../../support/vitrine.js";

const CLIP_A = join(GOLDEN, "clip-a");
const EXPECTED = join(CLIP_A, "expected.safetensors");
const pixels = (await readAll(EXPECTED)).get("pixels")!;
const expected = await readAll(join(CLIP_A, "expected_second_order.safetensors"));
const folder = scratchFolder();

describe.each([0, 1, 2])("neurons of layer %d of golden/clip-a", (layer) => {
  const golden = expected.get(`neuron_effects.${layer}`)!;

  test("have the reference's effects, with its bookkeeping", async () => {
    await using clip = await loadClip(CLIP_A);
    const effects = await neuronEffects(clip, pixels, { layer, bookkeeping: "reference" });
    expect(effects.shape).toEqual([4, 256, 32]);
    expect(largestDifference(effects.data, golden.data)).toBeLessThan(1e-6);
  });

  test("without constants differ from the reference's by one vector for each picture", async () => {
    await using clip = await loadClip(CLIP_A);
    const effects = await neuronEffects(clip, pixels, { layer });
    const difference = (picture: number, neuron: number, i: number): number => {
      const at = (picture * 256 + neuron) * 32 + i;
      return golden.data[at]! - effects.data[at]!;
    };
    let largest = 0;
    for (let picture = 0; picture < 4; picture++) {
      for (let i = 0; i < 32; i++) {
        largest = Math.max(largest, Math.abs(difference(picture, 0, i)));
        for (let neuron = 1; neuron < 256; neuron++)
          expect(Math.abs(difference(picture, neuron, i) - difference(picture, 0, i))).toBeLessThan(1e-6);
      }
    }
    expect(largest).toBeGreaterThan(1e-5);
  });
});

/** The formula of section 3, one neuron at a time from its write to the residual stream on, with the reference's shares. */
function naiveEffects(
  weights: Tensors,
  sites: Readonly<Record<string, FloatTensor>>,
  { layer, heads, share }: { layer: number; heads: number; share: boolean },
): number[] {
  const get = (name: string): Float32Array => weights.get(`visual.${name}`)!.data;
  const block = (l: number, name: string): Float32Array => get(`transformer.resblocks.${l}.${name}`);
  const width = get("ln_post.weight").length;
  const layers = [...weights.keys()].filter(
    (name) => name.endsWith("attn.out_proj.bias") && name.startsWith("visual"),
  ).length;
  const neurons = block(layer, "mlp.c_fc.bias").length;
  const [projection, out] = [get("proj"), weights.get("visual.proj")!.shape[1]!];
  const [gammaPost, betaPost] = [get("ln_post.weight"), get("ln_post.bias")];
  const features = sites["features"]!.data;
  const norm = Math.hypot(...features);
  const last = sites[`pre${layers}`]!.data.subarray(0, width);
  const mean = (x: Float32Array): number => x.reduce((a, b) => a + b, 0) / x.length;
  const deviation = (x: Float32Array): number => Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2)) + 1e-5);
  const scale2 = (i: number): number => weights.get(`visual.transformer.resblocks.${layer}.ls_2.gamma`)?.data[i] ?? 1;
  const headWidth = width / heads;
  const effects = new Array<number>(neurons * out).fill(0);
  for (let n = 0; n < neurons; n++) {
    for (let l = layer + 1; l < layers; l++) {
      const parts = (2 * l + 1) * neurons;
      const stream = sites[`pre${l}`]!.data;
      const tokens = stream.length / width;
      const scale1 = (i: number): number => weights.get(`visual.transformer.resblocks.${l}.ls_1.gamma`)?.data[i] ?? 1;
      const [gamma, beta] = [block(l, "ln_1.weight"), block(l, "ln_1.bias")];
      const [inner, innerBias] = [block(l, "attn.in_proj_weight"), block(l, "attn.in_proj_bias")];
      const [outer, outerBias] = [block(l, "attn.out_proj.weight"), block(l, "attn.out_proj.bias")];
      for (let h = 0; h < heads; h++) {
        const mixed = new Array<number>(headWidth).fill(0);
        for (let token = 0; token < tokens; token++) {
          const own = stream.subarray(token * width, (token + 1) * width);
          const [mu, sigma] = [mean(own), deviation(own)];
          const active = sites["post"]!.data[token * neurons + n]!;
          const normed = Array.from({ length: width }, (_, i) => {
            const written = active * block(layer, "mlp.c_proj.weight")[i * neurons + n]! * scale2(i);
            const shared = share ? (block(layer, "mlp.c_proj.bias")[i]! * scale2(i)) / neurons : 0;
            const centre = share ? mu / parts : 0;
            return (gamma[i]! * (written + shared - centre)) / sigma + (share ? beta[i]! / parts : 0);
          });
          const attention = sites[`pattern${l}`]!.data[h * tokens * tokens + token]!;
          for (let k = 0; k < headWidth; k++) {
            const row = 2 * width + h * headWidth + k;
            let value = share ? innerBias[row]! / parts : 0;
            for (let i = 0; i < width; i++) value += normed[i]! * inner[row * width + i]!;
            mixed[k]! += attention * value;
          }
        }
        const final = Array.from({ length: width }, (_, i) => {
          let wrote = share ? outerBias[i]! / (parts * heads) : 0;
          for (let k = 0; k < headWidth; k++) wrote += mixed[k]! * outer[i * width + h * headWidth + k]!;
          const terms = parts * (2 * layers + 1) * heads;
          const centre = share ? mean(last) / terms : 0;
          const offset = share ? betaPost[i]! / terms : 0;
          return (gammaPost[i]! * (wrote * scale1(i) - centre)) / deviation(last) + offset;
        });
        for (let j = 0; j < out; j++)
          for (let i = 0; i < width; i++) effects[n * out + j]! += (final[i]! * projection[i * out + j]!) / norm;
      }
    }
  }
  return effects;
}

describe.each<Bookkeeping>(["clean", "reference"])("taken neuron by neuron, %s", (bookkeeping) => {
  test.each([
    [0, false],
    [1, true],
  ])("effects of layer %d are the same (LayerScale: %s)", async (layer, layerScale) => {
    const small = SMALL_CLIPS["quick gelu, odd head width"]!;
    const { layers, heads, imageSize } = small.architecture.vision;
    const where = join(folder, `${bookkeeping}-${layer}`);
    mkdirSync(where);
    await writeOpenClip(where, small, layerScale);
    await using clip = await loadClip(where);
    const pixels = randomPixels(1, imageSize);
    const got = await neuronEffects(clip, pixels, { layer, bookkeeping });
    const reads = {
      post: `visual.blocks.${layer}.mlp.post`,
      ...Object.fromEntries(
        Array.from({ length: layers }, (_, l) => [
          [`pre${l}`, `visual.blocks.${l}.resid_pre`],
          [`pattern${l}`, `visual.blocks.${l}.attn.pattern`],
        ]).flat(),
      ),
      [`pre${layers}`]: `visual.blocks.${layers - 1}.resid_post`,
    } as Readonly<Record<string, string>>;
    const sites = (await clip.read(pixels, reads)) as unknown as Record<string, FloatTensor>;
    const naive = naiveEffects(await readAll(where), sites, { layer, heads, share: bookkeeping === "reference" });
    const largest = Math.max(...naive.map(Math.abs));
    expect(largestDifference(got.data, naive) / largest).toBeLessThan(1e-5);
  });
});

test("pictures have their effects, whatever is computed beside them", async () => {
  await using clip = await loadClip(CLIP_A);
  const one = 3 * 64 * 64;
  const all = await neuronEffects(clip, pixels, { layer: 1, batch: 3 });
  const alone = await neuronEffects(clip, floatTensor(pixels.data.slice(one, 2 * one), [1, 3, 64, 64]), { layer: 1 });
  const size = 256 * 32;
  expect(largestDifference(alone.data, all.data.subarray(size, 2 * size))).toBeLessThan(1e-6);
});

test.each([3, -1, 0.5])("layer %d, which no head follows, is refused", async (layer) => {
  await using clip = await loadClip(CLIP_A);
  await expect(neuronEffects(clip, pixels, { layer })).rejects.toThrow(/expected a whole number from 0 to 2/);
});

describe("the command", () => {
  const words = ["neurons", "--pixels", EXPECTED, "--model", CLIP_A, "--layer", "2", "--bookkeeping", "reference"];
  const out = join(folder, "command");

  test("writes the effects, and lists the strongest", async () => {
    const { code, stdout, stderr } = await vitrine([...words, "--out", out, "--batch", "3", "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const written = (await readAll(join(out, "neuron_effects.safetensors"))).get("neuron_effects")!;
    const golden = expected.get("neuron_effects.2")!;
    expect(written.shape).toEqual(golden.shape);
    expect(largestDifference(written.data, golden.data)).toBeLessThan(1e-6);
    const { images } = JSON.parse(stdout) as { images: { neurons: { neuron: number; effect: number }[] }[] };
    expect(images).toHaveLength(4);
    const [first] = images[3]!.neurons as [{ neuron: number; effect: number }];
    const length = (neuron: number): number =>
      Math.hypot(...golden.data.subarray((3 * 256 + neuron) * 32, (3 * 256 + neuron + 1) * 32));
    const lengths = Array.from({ length: 256 }, (_, neuron) => length(neuron));
    expect(first.neuron).toBe(lengths.indexOf(Math.max(...lengths)));
    expect(first.effect).toBeCloseTo(Math.max(...lengths), 5);
  });

  test("does not overwrite them unless told to", async () => {
    const again = await vitrine([...words, "--out", out]);
    expect([again.code, again.stdout]).toEqual([2, ""]);
    expect(again.stderr).toMatch(/earlier run.*\[output-exists\]/);
    expect((await vitrine([...words, "--out", out, "--force"])).code).toBe(0);
  });

  test.each([
    ["--layer 3", /no second-order effects.*from 0 to 2.*\[usage\]/],
    ["--layer 1 a.png", /pictures and --pixels at once.*\[usage\]/],
  ])("%s is refused", async (args, says) => {
    const { code, stderr } = await vitrine([...words, ...args.split(" ")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
