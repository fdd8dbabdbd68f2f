import { afterAll, describe, expect, test } from "vitest";
import { floatTensor } from "../../../../src/engine/tensor/tensor.js";
import { attribute, contrasts } from "../../../../src/methods/decompose/attribution.js";
import { decompose, expandHeads } from "../../../../src/methods/decompose/decompose.js";
import {
  attentionByLayer,
  decisive,
  findingsOf,
  headTokens,
  type Parts,
  ranking,
} from "../../../../src/methods/decompose/report/findings.js";
import { seenPicture } from "../../../../src/methods/decompose/report/seen-picture.js";
import { zeroShotWeights } from "../../../../src/methods/decompose/zero-shot.js";
import { fitImage } from "../../../../src/models/clip/preprocess.js";
import { loadClip } from "../../../../src/models/clip/load.js";
import { randomPicture } from "../../../support/pictures.js";

const TEXTS = ["a cat", "a dog", "a red bicycle"];
const clip = await loadClip("clip-random");
afterAll(() => clip.dispose());
const pictures = [randomPicture(1), randomPicture(2)];
const pixels = clip.preprocess(pictures);
const directions = await zeroShotWeights(clip, TEXTS, ["{}"]);
const decomposition = await decompose(clip, pixels, { texts: directions });
const heads = await expandHeads(clip, decomposition);
const findings = findingsOf(clip, decomposition, heads, directions);

const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

describe("findings", () => {
  const eachParts = findings.flatMap(({ texts }) => texts.flatMap(({ alone, against }): Parts[] => [alone, against!]));

  test("parts add up to their total, by heads and by tokens", () => {
    expect(eachParts).toHaveLength(12);
    for (const parts of eachParts) {
      expect(sum(parts.heads) + sum(parts.mlps)).toBeCloseTo(parts.total, 5);
      expect(sum(parts.tokens) + sum(parts.mlps)).toBeCloseTo(parts.total, 5);
      expect(sum(attentionByLayer(parts))).toBeCloseTo(sum(parts.heads), 5);
    }
  });

  test("the totals are the cosine, and its lead over the mean of the others", () => {
    for (const { texts } of findings) {
      for (const [t, { cosine, alone, against }] of texts.entries()) {
        const others = texts.filter((_, i) => i !== t).map((other) => other.cosine);
        expect(alone.total).toBe(cosine);
        expect(against!.total).toBeCloseTo(cosine - (others[0]! + others[1]!) / 2, 6);
      }
    }
  });

  test("parts against the others are the projections on contrasting directions", () => {
    const projected = attribute(heads, decomposition, contrasts(directions)).heads.data;
    for (const [b, { texts }] of findings.entries()) {
      for (const [t, { against }] of texts.entries()) {
        against!.heads.forEach((value, cell) => {
          expect(value).toBeCloseTo(projected[(b * 16 + cell) * TEXTS.length + t]!, 6);
        });
      }
    }
  });

  test("one head's map adds up to what the head adds", () => {
    const parts = decisive(findings[1]!.texts[2]!);
    const map = headTokens(decomposition.text_maps!, 1, { layer: 3, head: 1 }, 2, 1);
    expect(map).toHaveLength(65);
    expect(sum(map)).toBeCloseTo(parts.heads[3 * 4 + 1]!, 5);
  });

  test("a single text has no others: its parts are those of the cosine", async () => {
    const one = floatTensor(directions.data.slice(0, directions.shape[1]), [1, directions.shape[1]!]);
    const alone = findingsOf(clip, await decompose(clip, pixels, { texts: one }), heads, one);
    const [found] = alone[0]!.texts;
    expect(found!.against).toBeUndefined();
    expect(found!.probability).toBe(1);
    expect(decisive(found!)).toBe(found!.alone);
    expect(found!.cosine).toBeCloseTo(findings[0]!.texts[0]!.cosine, 6);
  });

  test("ranking is by descending cosine", () => {
    const order = ranking(findings[0]!).map((t) => findings[0]!.texts[t]!.cosine);
    expect(order).toEqual(order.toSorted((a, b) => b - a));
  });

  test("norms are those of the layers' sums", () => {
    const width = heads.shape[3]!;
    const second = Array.from({ length: width }, (_, i) =>
      [0, 1, 2, 3].reduce((total, head) => total + heads.data[((1 * 4 + 2) * 4 + head) * width + i]!, 0),
    );
    expect(findings[1]!.norms.attention[2]).toBeCloseTo(Math.hypot(...second), 5);
  });
});

test("a seen picture is what the model was given, to the level", () => {
  const { preprocessing, vision } = clip.parts;
  for (const [row, picture] of pictures.entries()) {
    expect(seenPicture(pixels, row, preprocessing)).toEqual(fitImage(picture, vision.imageSize, preprocessing));
  }
});
