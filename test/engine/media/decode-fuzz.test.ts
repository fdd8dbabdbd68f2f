import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { decodeImage } from "../../../src/engine/media/decode.js";
import { waves } from "./fixtures.js";

const MUTANTS = 150;

describe("a damaged file decodes or fails with an error of ours", () => {
  test.each(["jpeg", "png", "webp", "gif", "tiff", "avif"] as const)("%s", async (format) => {
    const { width, height, data } = waves(24, 18);
    const intact = await sharp(data, { raw: { width, height, channels: 3 } })
      .toFormat(format)
      .toBuffer();
    const next = generator(format.length * 7919 + format.charCodeAt(0));
    const outcomes = { decoded: 0, refused: 0 };
    for (let i = 0; i < MUTANTS; i++) {
      const mutant = mutate(intact, next);
      try {
        const image = await decodeImage(mutant, { maxPixels: 1_000_000 });
        expect(image.data.length).toBe(image.width * image.height * 3);
        outcomes.decoded++;
      } catch (error) {
        expect(error, `mutant ${i}: ${String(error)}`).toBeInstanceOf(VitrineError);
        expect((error as VitrineError).message).not.toContain("\n");
        outcomes.refused++;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(MUTANTS / 10);
  });
});

/** Flips bytes, cuts a piece out, or repeats one. */
function mutate(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  const from = next(bytes.length);
  const to = Math.min(bytes.length, from + 1 + next(40));
  const [head, piece, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
  const kind = next(4);
  if (kind === 0) return Buffer.concat([head, tail]);
  if (kind === 1) return Buffer.concat([head, piece, piece, tail]);
  const copy = Uint8Array.from(bytes);
  for (let flips = 1 + next(8); flips > 0; flips--) copy[next(kind === 2 ? copy.length : 64)] = next(256);
  return copy;
}

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
