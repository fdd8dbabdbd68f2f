import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type RgbImage, rgbImage } from "../../../src/engine/media/image.js";
import type { ResizeFilter } from "../../../src/engine/media/resize-filters.js";
import { ROOT } from "../../support/paths.js";

/** One line of test/fixtures/pillow/manifest.json; which optional fields are there depends on `test`. */
export interface PillowFixture {
  readonly test: "resize" | "clip" | "clip-digest" | "crop" | "upsample" | "matrix" | "decode" | "refused";
  readonly offset: number;
  readonly length: number;
  readonly width: number;
  readonly height: number;
  readonly source: "noise" | "waves";
  readonly toWidth: number;
  readonly toHeight: number;
  readonly filter: ResizeFilter;
  readonly mode: "nearest" | "bilinear";
  readonly size: number;
  readonly name: string;
  readonly sha256: string;
}

const FOLDER = join(ROOT, "test/fixtures/pillow");
const blob = readFileSync(join(FOLDER, "pillow.bin"));
const manifest = JSON.parse(readFileSync(join(FOLDER, "manifest.json"), "utf8")) as { entries: PillowFixture[] };

export function pillowFixtures(test: PillowFixture["test"]): PillowFixture[] {
  return manifest.entries.filter((entry) => entry.test === test);
}

export function fixtureBytes({ offset, length }: PillowFixture): Uint8Array {
  return Uint8Array.from(blob.subarray(offset, offset + length));
}

export function fixtureFloats(fixture: PillowFixture): Float32Array {
  return new Float32Array(fixtureBytes(fixture).buffer);
}

/** The image that make.py made the fixture from. */
export function sourceImage({ source, width, height }: PillowFixture): RgbImage {
  return source === "noise" ? noise(width, height, width * 1009 + height) : waves(width, height);
}

export function noise(width: number, height: number, seed: number): RgbImage {
  let state = seed;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return rgbImage(width, height, data);
}

export function waves(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[at++] = (x * 7 + y * 3) % 256;
      data[at++] = (Math.floor((x * x) / 5) + y * 11) % 256;
      data[at++] = (Math.floor(x / 6) + Math.floor(y / 4)) % 2 ? 240 : 15;
    }
  }
  return rgbImage(width, height, data);
}
