/** That a map lies on the picture where its image tokens look: what is painted there, that token sees. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type RgbImage, rgbImage } from "../../../src/engine/media/image.js";
import { fieldOf, mapOnPicture, patchesOf } from "../../../src/methods/captions/picture-map.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { writeLlava } from "../../support/llavas.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
const padded = join(root, "padded");
await writeLlava(padded, "llava");
const cropped = join(root, "cropped");
await writeLlava(cropped, "hugging-face");
const squashed = join(root, "squashed");
await mkdir(squashed, { recursive: true });
await writeLlava(squashed, "hugging-face");
const squares = { size: { height: 32, width: 32 }, do_center_crop: false };
await writeFile(join(squashed, "preprocessor_config.json"), JSON.stringify(squares));
const models = { padded: await loadVlm(padded), cropped: await loadVlm(cropped), squashed: await loadVlm(squashed) };
afterAll(async () => {
  for (const model of Object.values(models)) await model.dispose();
});

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Grey, with a white rectangle. */
function painted(width: number, height: number, block?: Rectangle): RgbImage {
  const data = new Uint8Array(width * height * 3).fill(90);
  for (let y = block?.top ?? 0; y < (block?.bottom ?? 0); y++) {
    data.fill(255, (y * width + block!.left) * 3, (y * width + block!.right) * 3);
  }
  return rgbImage(width, height, data);
}

describe.each(["padded", "cropped", "squashed"] as const)("%s", (fit) => {
  const model = models[fit];
  const embedded = async (picture: RgbImage): Promise<Float32Array[]> => {
    const { tower } = model.parts;
    const { embed } = await tower.read(model.preprocess([picture]), { embed: "visual.embed" });
    const width = embed.shape[2]!;
    // The class token sees nothing.
    return Array.from({ length: 16 }, (_, i) => embed.data.slice((i + 1) * width, (i + 2) * width));
  };

  test.each([
    [96, 64],
    [64, 96],
    [200, 64],
    [65, 64],
    [64, 64],
  ])("%i × %i pixels", async (width, height) => {
    const field = fieldOf(model, { width, height });
    const plain = await embedded(painted(width, height));
    let seen = 0;
    for (let patch = 0; patch < 16; patch++) {
      const [row, column] = [Math.floor(patch / 4), patch % 4];
      const edge = (start: number, size: number, n: number, most: number): number =>
        Math.min(most, Math.max(0, Math.round(start + (n * size) / 4)));
      const block = {
        left: edge(field.left, field.width, column, width),
        right: edge(field.left, field.width, column + 1, width),
        top: edge(field.top, field.height, row, height),
        bottom: edge(field.top, field.height, row + 1, height),
      };
      const visible = ((block.right - block.left) * (block.bottom - block.top) * 16) / (field.width * field.height);
      const oneHot = Float32Array.from({ length: 16 }, (_, i) => Number(i === patch));
      const map = mapOnPicture(oneHot, { width, height }, field);
      const top = Math.max(...map.filter((value) => !Number.isNaN(value)));
      const peak = map.indexOf(top);
      // A border is no part of the picture.
      if (visible < 0.5) continue;
      seen++;
      const now = await embedded(painted(width, height, block));
      const moved = now.map((token, i) => Math.hypot(...token.map((value, j) => value - plain[i]![j]!)));
      expect(moved.indexOf(Math.max(...moved)), `what is painted at ${JSON.stringify(block)}`).toBe(patch);
      const [x, y] = [peak % width, Math.floor(peak / width)];
      const inside = x >= block.left && x < block.right && y >= block.top && y < block.bottom;
      expect(inside, `the map's peak, ${x} ${y}, in ${JSON.stringify(block)}`).toBe(true);
    }
    // Of a picture three times as wide as high, padding leaves a third of the patches.
    expect(seen).toBeGreaterThanOrEqual(fit === "padded" ? 4 : 16);
    const isCut = fit === "cropped" && width !== height;
    expect(mapOnPicture(new Float32Array(16), { width, height }, field).some(Number.isNaN)).toBe(isCut);
  });
});

test("a class token's number is no part of a map", () => {
  const map = Float32Array.from({ length: 17 }, (_, i) => i);
  expect([...patchesOf(models.padded, map)]).toEqual([...map.subarray(1)]);
});
