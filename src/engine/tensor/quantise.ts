/** Weights of 4 or 8 bits: blocks of a row share a scale, and zero is in the middle. */

export const QUANTISED_BITS = [4, 8] as const;
/** All that ONNX Runtime's MatMulNBits has quick kernels for. */
export const QUANTISED_BLOCKS = [32, 64, 128] as const;

export interface Quantisation {
  readonly bits: (typeof QUANTISED_BITS)[number];
  /** Numbers of a row that share a scale: the fewer, the closer the weights, and the more is to be read. */
  readonly block: (typeof QUANTISED_BLOCKS)[number];
}

export interface QuantisedRows {
  /** [rows, blocks, bytes of a block]; of 4 bits, the lower half of a byte comes first. Rows are filled up to whole blocks. */
  readonly packed: Uint8Array;
  /** [rows, blocks]; a weight is (q - middle) · scale. */
  readonly scales: Float32Array;
}

/** What quantised 0 is: q runs from 0 to 15, or to 255. */
const middleOf = ({ bits }: Quantisation): number => 2 ** (bits - 1);

/** Bytes that hold a block. */
export const blockBytes = ({ bits, block }: Quantisation): number => (block * bits) / 8;

/** Rows [rows, width] rounded to the nearest of the levels that the largest number of each block gives. */
export function quantiseRows(data: Float32Array, width: number, form: Quantisation): QuantisedRows {
  const { bits, block: size } = form;
  const rows = data.length / width;
  const blocks = Math.ceil(width / size);
  const bytesEach = blockBytes(form);
  const middle = middleOf(form);
  const packed = new Uint8Array(rows * blocks * bytesEach);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * width + block * size;
      const end = Math.min(start + size, (row + 1) * width);
      const at = row * blocks + block;
      const scale = scaleOf(data, start, end, middle);
      scales[at] = scale;
      for (let i = 0; i < size; i++) {
        const value = start + i < end && scale !== 0 ? data[start + i]! / scale : 0;
        const level = middle + Math.max(-middle, Math.min(middle - 1, Math.round(value)));
        if (bits === 8) packed[at * bytesEach + i] = level;
        else packed[at * bytesEach + (i >> 1)]! |= level << (4 * (i & 1));
      }
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
export function dequantiseRows({ packed, scales }: QuantisedRows, width: number, form: Quantisation): Float32Array {
  const { bits, block } = form;
  const blocks = Math.ceil(width / block);
  const rows = scales.length / blocks;
  const middle = middleOf(form);
  const out = new Float32Array(rows * width);
  for (const [at, scale] of scales.entries()) {
    const [row, first] = [Math.floor(at / blocks), (at % blocks) * block];
    const count = Math.min(block, width - first);
    for (let i = 0; i < count; i++) {
      const place = at * block + i;
      const level = bits === 8 ? packed[place]! : (packed[place >> 1]! >> (4 * (i & 1))) & 15;
      out[row * width + first + i] = (level - middle) * scale;
    }
  }
  return out;
}
