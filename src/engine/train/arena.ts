/**
 * One block of memory for everything that a training step writes: trainable parameters, their gradients, moments, average.
 *
 * @file Each of these is a track, and all tracks are laid out alike, so that a kernel walks them side by side. The block is
 * a `WebAssembly.Memory`: kernels work on it in place, and ONNX Runtime reads parameters from it and writes gradients
 * into it. Pages that nobody touches (the moments of an optimiser without any) take no physical memory.
 */
import { UsageError } from "../errors.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import { type FloatTensor, floatTensor } from "../tensor/tensor.js";
import { Memory } from "./web-assembly.js";

export const TRACKS = ["parameter", "gradient", "moment1", "moment2", "average"] as const;
export type Track = (typeof TRACKS)[number];

/** Elements from one parameter's start to the next are a multiple of this: 64 bytes, a cache line. */
const ALIGNMENT = 16;
const PAGE_BYTES = 65536;
const MOST_PAGES = 65536;

export interface Slot {
  readonly name: string;
  readonly shape: Shape;
  /** In elements from the start of a track. */
  readonly start: number;
  readonly length: number;
  /** Where the next slot starts; from `start + length` on there are zeros. */
  readonly end: number;
}

export class Arena {
  readonly memory: Memory;
  readonly slots: readonly Slot[];
  /** Elements of a track, padding included. */
  readonly length: number;

  /** Throws {@link UsageError} when all tracks together exceed 4 GiB, the most that a WebAssembly memory holds. */
  constructor(tensors: readonly { readonly name: string; readonly shape: Shape }[]) {
    let end = 0;
    this.slots = tensors.map(({ name, shape }) => {
      const start = end;
      const length = sizeOf(shape);
      end = start + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
      return { name, shape, start, length, end };
    });
    this.length = end;
    const pages = Math.max(1, Math.ceil((TRACKS.length * end * 4) / PAGE_BYTES));
    if (pages > MOST_PAGES) {
      throw new UsageError({
        what: "too many trainable parameters",
        got: `${end}`,
        expected: `at most ${Math.floor((MOST_PAGES * PAGE_BYTES) / TRACKS.length / 4)}`,
        fix: "freeze some",
      });
    }
    this.memory = new Memory({ initial: pages, maximum: pages });
  }

  /** Byte address of element `index` of a track. */
  address(track: Track, index: number): number {
    return 4 * (TRACKS.indexOf(track) * this.length + index);
  }

  /** A view, not a copy: it changes as training goes on. */
  view(track: Track, { start, length, shape }: Slot): FloatTensor {
    return floatTensor(new Float32Array(this.memory.buffer, this.address(track, start), length), shape);
  }

  /** The whole track, with the zeros between slots. */
  all(track: Track): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, this.address(track, 0), this.length);
  }
}
