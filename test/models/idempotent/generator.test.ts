/** Generators: their layers, what batch norms do to single pictures, and files. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildWithSites } from "../../../src/engine/graph/sites.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { calibrate } from "../../../src/methods/idempotent/calibrate.js";
import { gaussianNoise } from "../../../src/methods/idempotent/noise.js";
import { type IdempotentArchitecture, layersOf, weightShapes } from "../../../src/models/idempotent/architecture.js";
import { type LoadedGenerator, loadGeneratorFromBytes } from "../../../src/models/idempotent/assemble.js";
import type { Bank } from "../../../src/models/idempotent/banks.js";
import { type GeneratorParts, IdempotentGenerator } from "../../../src/models/idempotent/generator.js";
import { loadGenerator, writeGenerator } from "../../../src/models/idempotent/load.js";
import { batchStatistics, idempotentNetwork } from "../../../src/models/idempotent/network.js";
import { idempotentDeclarations } from "../../../src/models/idempotent/trainable.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const ARCHITECTURE: IdempotentArchitecture = { size: 28, channels: 1, width: 4 };
const parameters = new Parameters(idempotentDeclarations(ARCHITECTURE), { seed: 1 });
const parts: Omit<GeneratorParts, "banks" | "use"> = {
  architecture: ARCHITECTURE,
  weight: (name) => parameters.value(name),
  inputs: () => parameters.inputs(),
};
const pictures = gaussianNoise(new Random(1), 6, [1, 28, 28]);
const USE = { noise: "noise", pictures: "noise" };
let bank: Bank;

beforeAll(async () => {
  ({ bank } = await calibrate(parts, [pictures]));
});

const rowsOf = ({ data, shape }: FloatTensor, from: number, to: number): FloatTensor => {
  const size = sizeOf(shape.slice(1));
  return floatTensor(data.slice(from * size, to * size), [to - from, ...shape.slice(1)]);
};

const largestDifference = (a: FloatTensor, b: FloatTensor): number =>
  a.data.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b.data[i]!)), 0);

describe("layers", () => {
  test.each([
    [28, [14, 7, 4]],
    [64, [32, 16, 8, 4]],
    [16, [8, 4]],
  ])("of %i go down to 4 and up again", (size, sides) => {
    const { down, up } = layersOf({ size, channels: 3, width: 8 });
    expect(down.map(({ side }) => side)).toEqual(sides);
    expect(up.map(({ side }) => side)).toEqual([...sides.slice(0, -1).reverse(), size]);
    expect(up.at(-1)!.to).toBe(3);
  });

  test("of the published network have its sizes", () => {
    const shapes = weightShapes({ size: 64, channels: 3, width: 64 });
    expect(shapes.get("down.3.conv.weight")).toEqual([512, 256, 4, 4]);
    expect(shapes.get("latent.in.weight")).toEqual([512, 512, 4, 4]);
    expect(shapes.get("up.0.conv.weight")).toEqual([512, 256, 4, 4]);
    expect([...shapes.values()].reduce((sum, shape) => sum + sizeOf(shape), 0)).toBeCloseTo(13.9e6, -5);
  });

  test.each([12, 4, 20, 64.5])("of %d are refused", (size) => {
    expect(() => layersOf({ size, channels: 1, width: 8 })).toThrow("unusable size");
  });

  test("are sites", () => {
    const apply = () => idempotentNetwork(input("x", [2, 1, 28, 28]), { ...parts, statistics: batchStatistics });
    const { sites } = buildWithSites(apply);
    expect([...sites].map(([name, { shape }]) => `${name} ${shape.join("×")}`)).toEqual([
      "down.0.conv 2×4×14×14",
      "down.0.out 2×4×14×14",
      "down.1.conv 2×8×7×7",
      "down.1.out 2×8×7×7",
      "down.2.conv 2×16×4×4",
      "down.2.out 2×16×4×4",
      "latent 2×16",
      "grid 2×16×4×4",
      "up.0.conv 2×8×7×7",
      "up.0.out 2×8×7×7",
      "up.1.conv 2×4×14×14",
      "up.1.out 2×4×14×14",
      "up.2.conv 2×1×28×28",
      "up.2.out 2×1×28×28",
    ]);
  });
});

describe("statistics", () => {
  test("of one batch, kept, do to that batch what the batch's own do", async () => {
    await using generator = new IdempotentGenerator({ ...parts, banks: { noise: bank }, use: USE });
    const [own, kept] = [
      await generator.run(pictures, { mode: "batch" }),
      await generator.run(pictures, { mode: "noise" }),
    ];
    expect(largestDifference(own, kept)).toBeLessThan(1e-4);
  });

  test("kept make a function of one picture, and the batch's own do not", async () => {
    await using generator = new IdempotentGenerator({ ...parts, banks: { noise: bank }, use: USE });
    const few = rowsOf(pictures, 0, 2);
    const [alone, among] = [
      await generator.run(rowsOf(pictures, 0, 1), { mode: "noise" }),
      await generator.run(few, { mode: "noise" }),
    ];
    expect(largestDifference(alone, rowsOf(among, 0, 1))).toBeLessThan(1e-5);
    const [two, six] = [await generator.run(few, { mode: "batch" }), await generator.run(pictures, { mode: "batch" })];
    expect(largestDifference(two, rowsOf(six, 0, 2))).toBeGreaterThan(1e-2);
  });

  test("that are not there are refused, and so is a batch of one", async () => {
    await using generator = new IdempotentGenerator({ ...parts, banks: { noise: bank }, use: USE });
    await expect(generator.run(pictures, { mode: "manifold" })).rejects.toThrow("expected noise, batch");
    await expect(generator.run(rowsOf(pictures, 0, 1), { mode: "batch" })).rejects.toThrow("need several pictures");
  });
});

describe("files", () => {
  const scratch = scratchFolder();
  let written = 0;
  const write = (folder: string): Promise<void> =>
    writeGenerator(folder, {
      architecture: ARCHITECTURE,
      weight: (name) => parameters.tensor(name),
      banks: { noise: bank },
      use: USE,
      noise: "gaussian",
      metadata: { about: "a test" },
    });

  test("give the generator back, from a folder and from memory", async () => {
    const folder = join(scratch, `model-${written++}`);
    await write(folder);
    const bytes = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
      new Uint8Array(await readFile(join(folder, name)));
    const inMemory = {
      "model.safetensors": await bytes("model.safetensors"),
      "config.json": await bytes("config.json"),
    };
    await using trained = new IdempotentGenerator({ ...parts, banks: { noise: bank }, use: USE });
    const wanted = await trained.run(pictures, { mode: "noise" });
    const check = async ({ generator, metadata }: LoadedGenerator): Promise<FloatTensor> => {
      await using owned = generator;
      expect(metadata["about"]).toBe("a test");
      expect(owned.parts.use).toEqual(USE);
      return await owned.run(pictures, { mode: "noise" });
    };
    const [fromFolder, fromMemory] = [
      await check(await loadGenerator(folder)),
      await check(await loadGeneratorFromBytes("in memory", inMemory)),
    ];
    // Weights are stored in 16 bits.
    expect(largestDifference(fromFolder, wanted)).toBeLessThan(5e-3);
    expect(fromMemory.data).toEqual(fromFolder.data);
  });

  test.each<[string, (config: string) => string, string]>([
    ["another kind of model", (text) => text.replace("idempotent-generator", "clip"), "not an idempotent generator"],
    ["no JSON", () => "{", "not JSON"],
    ["a bad size", (text) => text.replace('"size": 28', '"size": -1'), "config.json: size"],
    ["other sizes", (text) => text.replace('"width": 4', '"width": 5'), "does not fit the configuration"],
    ["statistics it has not", (text) => text.replace('"pictures": "noise"', '"pictures": "x"'), "does not name: "],
    ["banks it has not", (text) => text.replace('"noise"\n ]', '"noise",\n  "other"\n ]'), "bank.other"],
  ])("with %s are refused", async (_name, change, message) => {
    const folder = join(scratch, `model-${written++}`);
    await write(folder);
    const file = join(folder, "config.json");
    await writeFile(file, change(await readFile(file, "utf8")));
    await expect(loadGenerator(folder)).rejects.toThrow(message);
  });
});
