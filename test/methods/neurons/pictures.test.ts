/** Neurons on single pictures: where they are active, and what those that speak up say. */
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { imageConcepts } from "../../../src/methods/neurons/concepts.js";
import { neuronForeground, neuronMaps, neuronsAlong } from "../../../src/methods/neurons/segmentation.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels } from "../../support/clips.js";
import { GOLDEN } from "../../support/paths.js";

const clip = await loadClip(join(GOLDEN, "clip-a"));
afterAll(() => clip.dispose());

describe("maps", () => {
  const pixels = randomPixels(3, 64);
  const neurons = [
    { layer: 2, neuron: 5 },
    { layer: 0, neuron: 250 },
    { layer: 2, neuron: 6 },
  ];

  test("are the neurons' mean activations at the patches", async () => {
    const maps = await neuronMaps(clip, pixels, neurons, { batch: 2 });
    const sites = await clip.read(pixels, { 0: "visual.blocks.0.mlp.post", 2: "visual.blocks.2.mlp.post" });
    const { tokens, hidden, grid } = clip.parts.vision;
    expect(maps.shape).toEqual([3, grid, grid]);
    const expected = Array.from({ length: maps.data.length }, (_, i) => {
      const [b, patch] = [Math.floor(i / grid ** 2), i % grid ** 2];
      const at = (b * tokens + 1 + patch) * hidden;
      return (sites[2].data[at + 5]! + sites[0].data[at + 250]! + sites[2].data[at + 6]!) / 3;
    });
    expect(largestDifference(maps.data, expected)).toBeLessThan(1e-6);
    // The program of these layers serves for other neurons, too.
    const others = [neurons[1]!, { layer: 2, neuron: 9 }];
    const again = await neuronMaps(clip, pixels, others);
    expect(again.data[0]).toBeCloseTo((sites[0].data[hidden + 250]! + sites[2].data[hidden + 9]!) / 2, 6);
  });

  test.each([
    [[], /no map of no neurons/],
    [[{ layer: 4, neuron: 0 }], /no such layer: .*got 4/],
    [[{ layer: 0, neuron: 256 }], /no such neuron: .*got 256, expected a whole number from 0 to 255/],
  ])("of %j are refused", async (chosen, says) => {
    await expect(neuronMaps(clip, pixels, chosen)).rejects.toThrow(says);
  });

  test("mark what is over the middle of their range", () => {
    // Bilinear from 2 × 2 to 4 × 4: a quarter and three quarters of the way.
    const { strengths, mask } = neuronForeground(Float32Array.of(-1, 3, -1, 3), 4);
    for (let row = 0; row < 4; row++) {
      expect([...strengths.subarray(4 * row, 4 * row + 4)]).toEqual([0, 0.25, 0.75, 1]);
      expect([...mask.subarray(4 * row, 4 * row + 4)]).toEqual([0, 0, 1, 1]);
    }
    const flat = neuronForeground(new Float32Array(4).fill(7), 4);
    expect([...flat.mask, ...flat.strengths]).toEqual(new Array(32).fill(0));
  });

  test("are of the neurons that lie most along a text, or against it", () => {
    const directions = new Map([
      [8, floatTensor(Float32Array.of(1, 0, 0, 1, -0.6, 0.8), [3, 2])],
      [9, floatTensor(Float32Array.of(0.8, 0.6, -1, 0, 0, -1), [3, 2])],
    ]);
    const found = neuronsAlong(directions, floatTensor(Float32Array.of(0.6, 0.8), [1, 2]), 3);
    expect(found).toEqual([
      { layer: 9, neuron: 0, along: expect.closeTo(0.96, 6) as number },
      { layer: 8, neuron: 1, along: expect.closeTo(0.8, 6) as number },
      { layer: 9, neuron: 2, along: expect.closeTo(-0.8, 6) as number },
    ]);
  });
});

describe("concepts", () => {
  const statistics = {
    mean_effects: floatTensor(Float32Array.of(1, 0, 0, 0, 0, 2), [3, 2]),
    thresholds: floatTensor(Float32Array.of(1, 1, 3), [3]),
    directions: floatTensor(Float32Array.of(1, 0, 0, 1, 0, 1), [3, 2]),
  };
  const words = [
    {
      words: [
        { text: 4, coefficient: 2 },
        { text: 7, coefficient: -1 },
      ],
    },
    {
      words: [
        { text: 7, coefficient: 0.5 },
        { text: 1, coefficient: 0.25 },
      ],
    },
    { words: [{ text: 9, coefficient: 100 }] },
  ];

  test("add up what the neurons over their thresholds say, each by how far it goes along its direction", () => {
    // Neuron 0 goes 2 against its direction and 1 beside it, neuron 1 goes 4 along its own, neuron 2 is too weak.
    const effects = floatTensor(Float32Array.of(-1, 1, 0, 4, 1, 4, 1, 0, 0, 1, 0, 2), [2, 3, 2]);
    expect(imageConcepts(effects, statistics, words, 3)).toEqual([
      {
        active: [0, 1],
        concepts: [
          { text: 7, score: 4 },
          { text: 1, score: 1 },
          { text: 4, score: -4 },
        ],
      },
      // Neuron 1 reaches its threshold and is not over it.
      { active: [], concepts: [] },
    ]);
  });

  test("of other neurons' statistics are refused", () => {
    const effects = floatTensor(new Float32Array(4), [1, 2, 2]);
    expect(() => imageConcepts(effects, statistics, words)).toThrow(/different neurons: got effects \[1,2,2\]/);
  });
});
