/** Faces as rows of a data set without end. */
import type { PictureRows } from "../../engine/media/picture-rows.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import type { Face } from "./face.js";
import { checkSize, drawFace } from "./render.js";
import { faceAt } from "./sample.js";
import { FACE_ATTRIBUTES, type FaceAttribute } from "./vocabulary.js";

export interface FaceRowsOptions {
  readonly seed: number;
  /** Number of the first row. */
  readonly first: number;
  readonly count: number;
  /** Side of the pictures, in pixels. */
  readonly size: number;
}

export interface FaceRows {
  /** [count, 3, size, size], from -1 to 1. */
  readonly pixels: Float32Array;
  readonly faces: readonly Face[];
  /** [count] for each attribute: places in its values in `FACE_ATTRIBUTES`. */
  readonly attributes: Readonly<Record<FaceAttribute, Int32Array>>;
}

/**
 * Rows `first` to `first + count - 1` of the seed, each of somebody else. A row is the same whichever others are asked for.
 * Throws `UsageError` for a size that is no whole number from 16 to 2048.
 */
export function faceRows({ seed, first, count, size }: FaceRowsOptions): FaceRows {
  checkSize(size);
  const faces = Array.from({ length: count }, (_, i) => faceAt(seed, first + i));
  return { pixels: facePixels(faces, size), faces, attributes: attributeLabels(faces) };
}

/** Pictures [N, 3, size, size] of faces, from -1 to 1. Throws `UsageError` as {@link faceRows} does. */
export function facePixels(faces: readonly Face[], size: number): Float32Array {
  const plane = size * size;
  const pixels = new Float32Array(faces.length * 3 * plane);
  faces.forEach((face, row) => {
    const { data } = drawFace(face, size);
    for (let channel = 0; channel < 3; channel++) {
      const start = (3 * row + channel) * plane;
      for (let i = 0; i < plane; i++) pixels[start + i] = data[3 * i + channel]! / 127.5 - 1;
    }
  });
  return pixels;
}

/** The rows of a seed as pictures without end, for whatever takes pictures by number. Throws as {@link faceRows} does. */
export function facePictures({ seed, size }: Pick<FaceRowsOptions, "seed" | "size">): PictureRows {
  checkSize(size);
  return {
    description: `faces of seed ${seed}, ${size} × ${size}`,
    identity: JSON.stringify(["faces", seed, size]),
    count: Infinity,
    channels: 3,
    size,
    rows: (numbers) => {
      const faces = Array.from(numbers, (number) => faceAt(seed, number));
      return { pixels: floatTensor(facePixels(faces, size), [faces.length, 3, size, size]) };
    },
  };
}

function attributeLabels(faces: readonly Face[]): Record<FaceAttribute, Int32Array> {
  const names = Object.keys(FACE_ATTRIBUTES) as FaceAttribute[];
  return Object.fromEntries(
    names.map((name) => {
      const values: readonly string[] = FACE_ATTRIBUTES[name];
      return [name, Int32Array.from(faces, ({ identity }) => values.indexOf(identity[name]))];
    }),
  ) as Record<FaceAttribute, Int32Array>;
}
