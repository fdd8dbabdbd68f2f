/** Weights of 4 or 8 bits: blocks of a row share a scale, and zero is in the middle. */

export type QuantisedBits = 4 | 8;

/** What ONNX Runtime's MatMulNBits takes: numbers of a row that share a scale. */
export const QUANTISED_BLOCK = 32;

export interface QuantisedRows {
  /** [rows, blocks, bytes of a block]; of 4 bits, the lower half of a byte comes first. Rows are filled up to whole blocks. */
  readonly packed: Uint8Array;
  /** [rows, blocks]; a weight is (q - middle) · scale. */
  readonly scales: Float32Array;
}

/** What quantised 0 is: q runs from 0 to 15, or to 255. */
const middleOf = (bits: QuantisedBits): number => 2 ** (bits - 1);

/** Bytes that hold a block. */
export const blockBytes = (bits: QuantisedBits): number => (QUANTISED_BLOCK * bits) / 8;

/** Rows [rows, width] rounded to the nearest of the levels that the largest number of each block gives. */
export function quantiseRows(data: Float32Array, width: number, bits: QuantisedBits): QuantisedRows {
  const rows = data.length / width;
  const blocks = Math.ceil(width / QUANTISED_BLOCK);
  const middle = middleOf(bits);
  const packed = new Uint8Array(rows * blocks * blockBytes(bits));
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * width + block * QUANTISED_BLOCK;
      const end = Math.min(start + QUANTISED_BLOCK, (row + 1) * width);
      const at = row * blocks + block;
      const scale = scaleOf(data, start, end, middle);
      scales[at] = scale;
      const levels = Array.from({ length: QUANTISED_BLOCK }, (_, i) => {
        const value = start + i < end && scale !== 0 ? data[start + i]! / scale : 0;
        return middle + Math.max(-middle, Math.min(middle - 1, Math.round(value)));
      });
      const bytes = packed.subarray(at * blockBytes(bits), (at + 1) * blockBytes(bits));
      if (bits === 8) bytes.set(levels);
      else for (let i = 0; i < bytes.length; i++) bytes[i] = levels[2 * i]! | (levels[2 * i + 1]! << 4);
    }
  }
  return { packed, scales };
}

/** The number that is furthest from 0 becomes the lowest level, which reaches one step further than the highest. */
function scaleOf(data: Float32Array, start: number, end: number, middle: number): number {
  let furthest = 0;
  for (let i = start; i < end; i++) if (Math.abs(data[i]!) > Math.abs(furthest)) furthest = data[i]!;
  return furthest / -middle;
}

/** [rows, width] again. */
export function dequantiseRows({ packed, scales }: QuantisedRows, width: number, bits: QuantisedBits): Float32Array {
  const blocks = Math.ceil(width / QUANTISED_BLOCK);
  const rows = scales.length / blocks;
  const middle = middleOf(bits);
  const out = new Float32Array(rows * width);
  for (let i = 0; i < out.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    const at = row * blocks + Math.floor(column / QUANTISED_BLOCK);
    const place = at * QUANTISED_BLOCK + (column % QUANTISED_BLOCK);
    const byte = packed[bits === 8 ? place : place >> 1]!;
    const level = bits === 8 ? byte : place % 2 === 0 ? byte & 15 : byte >> 4;
    out[i] = (level - middle) * scales[at]!;
  }
  return out;
}
