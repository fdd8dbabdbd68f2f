/**
 * Pictures by number: what generative models are trained and measured on, whether a world draws them or files hold them.
 */
import { type FloatTensor, floatTensor } from "../tensor/tensor.js";

export interface PictureRows {
  /** What they are, in words, for cards and messages; it names no folder but the last. */
  readonly description: string;
  /** Equal for equal pictures in equal order: a training run resumes only with the pictures it began with. */
  readonly identity: string;
  /** How many there are; `Infinity` for a world, which draws as many as are asked for. */
  readonly count: number;
  readonly channels: 1 | 3;
  /** Side of the pictures, in pixels. */
  readonly size: number;
  /** Names of what labels number; absent where pictures have no labels. */
  readonly classes?: readonly string[];
  /** The pictures of these numbers, in this order; a pure function. Throws a RangeError for a number out of range. */
  readonly rows: (numbers: ArrayLike<number>) => PictureBatch;
}

export interface PictureBatch {
  /** [B, channels, size, size], from -1 to 1. */
  readonly pixels: FloatTensor;
  /** [B]: places in `classes`; there when those are. */
  readonly labels?: Int32Array;
}

/** Pictures in memory, 8 bits a sample. */
export interface PackedPictures {
  readonly description: string;
  readonly identity: string;
  readonly channels: 1 | 3;
  readonly size: number;
  /** [count, channels, size, size]. */
  readonly levels: Uint8Array;
  readonly classes?: readonly string[];
  /** [count]. */
  readonly labels?: Int32Array;
}

/** Level 0 becomes -1, and 255 becomes 1. */
export function packedRows({ levels, labels, ...about }: PackedPictures): PictureRows {
  const { channels, size } = about;
  const each = channels * size * size;
  const count = levels.length / each;
  const rows = (numbers: ArrayLike<number>): PictureBatch => {
    const pixels = new Float32Array(numbers.length * each);
    for (let i = 0; i < numbers.length; i++) {
      const start = checkedNumber(numbers[i]!, count) * each;
      for (let k = 0; k < each; k++) pixels[i * each + k] = levels[start + k]! / 127.5 - 1;
    }
    return {
      pixels: floatTensor(pixels, [numbers.length, channels, size, size]),
      ...(labels !== undefined && { labels: Int32Array.from(numbers, (number) => labels[number]!) }),
    };
  };
  return { ...about, count, rows };
}

function checkedNumber(number: number, count: number): number {
  if (Number.isInteger(number) && number >= 0 && number < count) return number;
  throw new RangeError(`picture ${number} of ${count}`);
}
