/** DINO and SigLIP from the command line: models without texts compare with pictures, pooled ones tell what is a remainder. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { writeRandomFamily, TINY_SIZES } from "../../src/models/families/random-checkpoint.js";

const folder = scratchFolder();
const [fish, scene] = ["fish", "scene"].map((name) => join(ROOT, `examples/${name}.png`)) as [string, string];
const [dino, siglip] = ["dino", "siglip"].map((name) => join(folder, name)) as [string, string];
await writeRandomFamily(dino, "dinov2", { ...TINY_SIZES, registers: 4 }, { seed: 0 });
await writeRandomFamily(siglip, "siglip", TINY_SIZES, { seed: 0 });

interface Decomposed {
  readonly texts: string[];
  readonly remainder: number;
  readonly images: {
    readonly scores: { readonly cosine: number; readonly probability: number }[];
    readonly start: { readonly values: number[] };
    readonly layers: {
      readonly attention: { readonly values: number[] };
      readonly mlp: { readonly values: number[] };
    }[];
  }[];
}

function checkSums({ images, remainder }: Decomposed): void {
  expect(remainder).toBeLessThan(1e-6);
  for (const { scores, start, layers } of images) {
    scores.forEach(({ cosine }, t) => {
      const parts = layers.reduce(
        (sum, { attention, mlp }) => sum + attention.values[t]! + mlp.values[t]!,
        start.values[t]!,
      );
      expect(parts).toBeCloseTo(cosine, 5);
    });
  }
}

test("a DINOv2 compares pictures with their own features, or with other pictures, and not with texts", async () => {
  const own = await vitrine(["decompose", fish, scene, "--model", dino, "--out", join(folder, "own"), "--json"]);
  const alone = JSON.parse(own.stdout) as Decomposed;
  expect(alone.texts).toEqual(["its own features"]);
  expect(alone.images.map(({ scores }) => scores[0]!.cosine)).toEqual(
    [1, 1].map((one) => expect.closeTo(one, 6) as number),
  );
  checkSums(alone);
  const tensors = await openCheckpoint(join(folder, "own/decomposition.safetensors"));
  expect(tensors.get("token_text").shape).toEqual([2, 69, 1]);
  expect(tensors.has("text_features")).toBe(false);

  const like = JSON.parse(
    (await vitrine(["decompose", fish, "--like", scene, "--like", fish, "--model", dino, "--json"])).stdout,
  ) as Decomposed;
  expect(like.texts).toEqual([scene, fish]);
  expect(like.images[0]!.scores[1]!.cosine).toBeCloseTo(1, 6);
  checkSums(like);

  const texts = await vitrine(["decompose", fish, "--text", "a fish", "--model", dino]);
  expect(texts.code).toBe(1);
  expect(texts.stderr).toContain("--like");
});

test("a SigLIP says that what its pool's MLP adds is a remainder", async () => {
  const run = await vitrine(["decompose", scene, "--text", "a fish", "--text", "a mushroom", "--model", siglip]);
  expect(run.stdout).toContain("its MLP is a remainder");
  const info = await vitrine(["models", "info", siglip, "--sites"]);
  expect(info.stdout).toMatch(/read from +attention to all tokens/);
  expect(info.stdout).toContain("visual.pool.attn.pattern");
  const json = await vitrine([
    "decompose",
    scene,
    "--text",
    "a fish",
    "--text",
    "a mushroom",
    "--model",
    siglip,
    "--json",
  ]);
  const found = JSON.parse(json.stdout) as Decomposed;
  checkSums(found);
  expect(found.images[0]!.layers).toHaveLength(1);
  expect(found.images[0]!.start.values).toEqual([0, 0]);
});
