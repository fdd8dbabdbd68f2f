/** Activation patching: what is put in is, to the bit, what the other picture has there, and nothing else changes. */
import { describe, expect, test } from "vitest";
import { where } from "../../../src/engine/graph/ops/compare.js";
import { constant } from "../../../src/engine/graph/ops/leaves.js";
import { dotRows, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { zeroShotWeights } from "../../../src/methods/decompose/zero-shot.js";
import { cellName } from "../../../src/methods/patching/cell-names.js";
import { gridOf, type PatchGrid, patchGrid } from "../../../src/methods/patching/patch-grid.js";
import { Patcher } from "../../../src/methods/patching/patcher.js";
import { type Cell, patchPlan, type PatchSiteOptions } from "../../../src/methods/patching/plan.js";
import { pooledRecovery } from "../../../src/methods/patching/pooled-recovery.js";
import { rankCells, recovery } from "../../../src/methods/patching/recovery.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { Random, renderScene, scenePair, sampleScene } from "../../../src/worlds/scenes/index.js";
import { largestDifference } from "../../support/clips.js";

const clip = await loadClip("clip-scenes");
const { layers, heads, tokens } = clip.parts.vision;
const { scenes, texts } = scenePair(new Random(4), "shape");
const drawn = [...scenes, sampleScene(new Random(5))].map((scene) => clip.preprocess([renderScene(scene, 64)]));
const [clean, corrupted, control] = drawn as [FloatTensor, FloatTensor, FloatTensor];
const direction = await zeroShotWeights(clip, [texts[0]], ["{}"]);

const features = async (options: PatchSiteOptions, sets: readonly (readonly Cell[])[]): Promise<PatchedRows> => {
  await using patcher = new Patcher(clip, options);
  const { source, target, patched } = await patcher.features({ source: clean, target: corrupted }, sets);
  const width = source.data.length;
  return {
    source: source.data,
    target: target.data,
    rows: sets.map((_, i) => patched.data.subarray(i * width, (i + 1) * width)),
  };
};
interface PatchedRows {
  readonly source: Float32Array;
  readonly target: Float32Array;
  readonly rows: readonly Float32Array[];
}

describe("to the bit", () => {
  test.each<[PatchSiteOptions, (plan: ReturnType<typeof patchPlan>) => readonly Cell[]]>([
    [{ site: "visual.blocks.0.resid_pre", by: "whole" }, ({ cells }) => cells],
    [{ site: "resid_pre", by: "tokens" }, ({ cells }) => cells.filter(({ site }) => site === 0)],
    [{ site: "embed", by: "tokens" }, ({ cells }) => cells],
    [{ site: "visual.blocks.3.resid_post", by: "tokens" }, ({ cells }) => [cells[0]!]],
    [{ site: "pooled" }, ({ cells }) => cells],
  ])("all of %j gives the other picture, nothing gives the picture itself", async (options, choose) => {
    const { source, target, rows } = await features(options, [choose(patchPlan(clip, options)), []]);
    expect(rows[0]).toEqual(source);
    expect(rows[1]).toEqual(target);
    expect(source).not.toEqual(target);
  });

  test("of another batch size, the pictures are what the model itself makes of them", async () => {
    const { source, target } = await features({}, []);
    const alone = [await clip.encodeImage(clean), await clip.encodeImage(corrupted)];
    const size = Math.max(...source.map(Math.abs));
    expect(largestDifference(source, alone[0]!.data) / size).toBeLessThan(1e-5);
    expect(largestDifference(target, alone[1]!.data) / size).toBeLessThan(1e-5);
  });

  test.each(["attn.z", "attn.pattern", "mlp.post", "resid_mid", "norm1.scale"])(
    "%s of the picture itself changes nothing",
    async (site) => {
      await using patcher = new Patcher(clip, { site });
      const { cells } = patcher.plan;
      const sets = [cells, ...cells.slice(0, 20).map((cell) => [cell])];
      const { target, patched } = await patcher.features({ source: clean, target: clean }, sets);
      for (let i = 0; i < sets.length; i++)
        expect(patched.data.subarray(i * target.data.length, (i + 1) * target.data.length)).toEqual(target.data);
    },
  );
});

describe("each cell is what an edit makes of it", () => {
  /** The picture with one piece of a site taken from what `clip.read` says of the other. */
  async function edited(site: string, chosen: (index: readonly number[]) => boolean): Promise<FloatTensor> {
    const { value } = (await clip.read(clean, { value: site })) as { value: FloatTensor };
    const mask = new Uint8Array(sizeOf(value.shape));
    const strides = value.shape.map((_, axis) => sizeOf(value.shape.slice(axis + 1)));
    mask.forEach(
      (_, i) => (mask[i] = Number(chosen(strides.map((stride, axis) => Math.floor(i / stride) % value.shape[axis]!)))),
    );
    const condition = constant({ dtype: "bool", shape: value.shape, data: mask });
    await using other = clip.edit({ [site]: (own) => where(condition, constant(value), own) });
    return await other.encodeImage(corrupted);
  }
  const score = (row: FloatTensor): number => dotRows(normaliseRows(row), direction).data[0]!;

  test.each<[PatchSiteOptions, Cell, (index: readonly number[]) => boolean]>([
    [{ site: "attn.z" }, { site: 2, head: 4 }, ([, head]) => head === 4],
    [{ site: "attn.z", rows: "class" }, { site: 2, head: 4 }, ([, head, token]) => head === 4 && token === 0],
    [
      { site: "attn.z", by: "heads-tokens" },
      { site: 1, head: 3, token: 20 },
      ([, head, token]) => head === 3 && token === 20,
    ],
    [{ site: "attn.z", by: "tokens" }, { site: 1, token: 21 }, ([, , token]) => token === 21],
    [{ site: "resid_post" }, { site: 0, token: 30 }, ([, token]) => token === 30],
    [{ site: "mlp.out" }, { site: 2, token: 0 }, ([, token]) => token === 0],
    [{ site: "attn.out", by: "whole" }, { site: 3 }, () => true],
  ])("%j %j", async (options, cell, chosen) => {
    const { target, rows } = await features(options, [[], [cell], []]);
    const { sites } = patchPlan(clip, options);
    const { data } = await edited(sites[cell.site]!, chosen);
    const size = Math.max(...target.map(Math.abs));
    const [moved, error] = [largestDifference(data, target) / size, largestDifference(data, rows[1]!) / size];
    expect(error).toBeLessThan(3e-6);
    expect(moved).toBeGreaterThan(30 * error);
  });

  test("all heads of a grid", async () => {
    const { sites, cells } = patchPlan(clip, {});
    const grid = await patchGrid(clip, { clean, corrupted }, direction, { batch: 9 });
    for (const [i, { site, head }] of cells.entries()) {
      const row = await edited(sites[site]!, ([, one]) => one === head);
      expect(grid.denoised.data[i], `${site}.${head!}`).toBeCloseTo(score(row), 5);
    }
  });
});

describe("a grid", async () => {
  const grid = await patchGrid(clip, { clean, corrupted, controls: [control, clean] }, direction);
  const effects = recovery(grid);

  test("has a cell for every head, in order", () => {
    expect(grid.plan.grid).toEqual([layers, heads, 1]);
    expect(grid.denoised.shape).toEqual(grid.plan.grid);
    expect(grid.controls!.shape).toEqual([2, layers, heads, 1]);
    expect(cellName(grid.plan, grid.plan.cells[heads + 2]!)).toBe("L1.H2");
    expect(patchPlan(clip, { site: "resid_mid" }).grid).toEqual([layers, 1, tokens]);
  });

  test("has scores of the pictures, and of a control that is the clean picture the same cells", () => {
    expect(grid.control_scores[1]).toBe(grid.clean_score);
    expect(grid.controls!.data.subarray(layers * heads)).toEqual(grid.denoised.data);
    expect(grid.controls!.data.subarray(0, layers * heads)).not.toEqual(grid.denoised.data);
  });

  test("does not depend on how many cells run at once", async () => {
    const other = await patchGrid(clip, { clean, corrupted }, direction, { batch: 2 });
    expect(largestDifference(other.denoised.data, grid.denoised.data)).toBeLessThan(1e-5);
    expect(largestDifference(other.noised.data, grid.noised.data)).toBeLessThan(1e-5);
  });

  test("turned round, noising is denoising and fractions stay", async () => {
    const turned = await patchGrid(clip, { clean: corrupted, corrupted: clean }, direction);
    expect(turned.denoised.data).toEqual(grid.noised.data);
    const other = recovery(turned);
    expect(largestDifference(other.denoising.data, effects.noising.data)).toBeLessThan(1e-6);
    expect(largestDifference(other.noising.data, effects.denoising.data)).toBeLessThan(1e-6);
  });

  test("fractions are of the difference in score, strongest first", () => {
    expect(effects.unit).toBe("fraction");
    const gap = grid.clean_score - grid.corrupted_score;
    effects.denoising.data.forEach((fraction, i) => {
      expect(fraction * gap).toBeCloseTo(grid.denoised.data[i]! - grid.corrupted_score, 5);
      expect(effects.control!.data[i]).toBeCloseTo((effects.controls!.data[i]! + fraction) / 2, 5);
    });
    const ranked = rankCells(effects).map(({ denoising }) => Math.abs(denoising));
    expect(ranked).toEqual(ranked.toSorted((a, b) => b - a));
  });

  test("of pictures that score alike, effects are changes of score", () => {
    const alike = recovery({ ...grid, clean_score: grid.corrupted_score + 5e-4 });
    expect(alike.unit).toBe("score");
    alike.denoising.data.forEach((change, i) => {
      expect(change).toBeCloseTo(grid.denoised.data[i]! - grid.corrupted_score, 6);
    });
  });
});

function withoutControls(grid: PatchGrid): PatchGrid {
  return Object.fromEntries(Object.entries(grid).filter(([name]) => name !== "controls")) as unknown as PatchGrid;
}

describe("pooled over pairs", async () => {
  await using patcher = new Patcher(clip);
  const pictures = [
    { clean, corrupted, controls: [control] },
    { clean: corrupted, corrupted: control, controls: [clean, clean] },
    { clean, corrupted: control, controls: [corrupted] },
  ];
  const grids: PatchGrid[] = [];
  for (const one of pictures) grids.push(await gridOf(patcher, one, direction));
  const pooled = pooledRecovery(grids, { seed: 1 });
  const gap = grids.reduce((sum, grid) => sum + grid.clean_score - grid.corrupted_score, 0);

  test("effects are added up before they are divided", () => {
    expect(pooled.pairs).toBe(3);
    expect(pooled.gap.value).toBeCloseTo(gap / 3, 6);
    pooled.cells.forEach(({ denoising, noising, control, lead }, i) => {
      const total = (effect: (grid: PatchGrid) => number): number =>
        grids.reduce((sum, grid) => sum + effect(grid), 0) / gap;
      expect(denoising.value).toBeCloseTo(
        total((grid) => grid.denoised.data[i]! - grid.corrupted_score),
        5,
      );
      expect(noising.value).toBeCloseTo(
        total((grid) => grid.clean_score - grid.noised.data[i]!),
        5,
      );
      expect(control!.value).toBeCloseTo(
        total((grid) => grid.controls!.data[i]! - grid.corrupted_score),
        5,
      );
      expect(lead!.value).toBeCloseTo(denoising.value - control!.value, 6);
    });
  });

  test("of one pair, they are its recovery and certain; without controls there is no lead", () => {
    const { denoising, noising } = recovery(grids[0]!);
    const bare = withoutControls(grids[0]!);
    pooledRecovery([bare, bare], { seed: 2 }).cells.forEach((cell, i) => {
      expect(cell.denoising.value).toBeCloseTo(denoising.data[i]!, 5);
      expect(cell.noising.value).toBeCloseTo(noising.data[i]!, 5);
      expect([cell.denoising.low, cell.denoising.high]).toEqual([cell.denoising.value, cell.denoising.value]);
      expect(cell.lead).toBeUndefined();
    });
  });
});

test.each<[PatchSiteOptions, RegExp]>([
  [{ site: "attn.nothing" }, /no site of this model matches/],
  [{ site: "resid_post", by: "heads" }, /cannot be patched so.*got by heads/],
  [{ site: "pooled", by: "tokens" }, /cannot be patched so.*got by tokens/],
  [{ site: "resid_post", by: "tokens", rows: "class" }, /class token only/],
  [{ site: "visual.blocks.*.mlp.*" }, /several shapes/],
])("%j is refused", (options, says) => {
  expect(() => patchPlan(clip, options)).toThrow(says);
});

test("pictures and batches that do not fit are refused", async () => {
  await using patcher = new Patcher(clip);
  const two = floatTensor(new Float32Array(2 * 3 * 64 * 64), [2, 3, 64, 64]);
  await expect(patcher.features({ source: two, target: clean }, [])).rejects.toThrow(/between single pictures/);
  await expect(patcher.features({ source: clean, target: clean }, [], { batch: 1 })).rejects.toThrow(/batch size/);
});
