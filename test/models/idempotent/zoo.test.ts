/** The generators that come with Vitrine: what their cards say holds of the files, loaded as users load them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { seeded } from "../../../src/engine/train/seeds.js";
import { heldOut } from "../../../src/methods/idempotent/measure.js";
import { drawNoise } from "../../../src/methods/idempotent/noise.js";
import { distances, idempotenceRatios, project, refine } from "../../../src/methods/idempotent/project.js";
import { loadGenerator } from "../../../src/models/idempotent/load.js";
import type { Card } from "../../../src/recipes/idempotent/card.js";
import { FACES } from "../../../src/recipes/ign-faces/settings.js";
import { GLYPHS } from "../../../src/recipes/ign-glyphs/settings.js";
import { ROOT } from "../../support/paths.js";

const WORLDS = { "ign-glyphs": GLYPHS, "ign-faces": FACES };

describe.each(Object.entries(WORLDS))("%s", (name, world) => {
  const folder = join(ROOT, "zoo", name);
  const card = JSON.parse(readFileSync(join(folder, "card.json"), "utf8")) as Card;

  test("is small", () => {
    const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    expect(bytes).toBeLessThan(12e6);
  });

  test("is as idempotent as its card says, and keeps and moves pictures as far", async () => {
    const { generator, metadata } = await loadGenerator(name);
    await using owned = generator;
    // The workbench begins with a picture of it.
    expect(`ign-${metadata["world"] ?? "no world"}`).toBe(name);
    const z = drawNoise(seeded(77, "samples"), 200, owned.shape);
    const [first] = idempotenceRatios(z, await refine(owned, z, 2));
    expect(Math.abs(first! / card.figures.ratios[0]! - 1)).toBeLessThan(0.2);
    const { pixels } = heldOut(world, 200, { seed: 77 });
    const drifts = distances((await project(owned, pixels, 1))[0]!, pixels).sort();
    expect(Math.abs(drifts[100]! / Number(metadata["drift_median"]) - 1)).toBeLessThan(0.15);
    const mean = drifts.reduce((sum, drift) => sum + drift, 0) / drifts.length;
    expect(Math.abs(mean / card.figures.reconstruction.mean - 1)).toBeLessThan(0.15);
  });
});
