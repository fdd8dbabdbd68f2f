/** Which atoms of a dictionary are most along given vectors. */
import { input, weight } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { topK } from "../../engine/graph/ops/indexing.js";
import { concat } from "../../engine/graph/ops/shaping.js";
import { abs } from "../../engine/graph/ops/unary.js";
import { compile, type Program } from "../../engine/runtime/compile.js";
import type { Device } from "../../engine/runtime/session.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";

/** Atoms per product: with {@link ROWS}, what stays in a processor's caches until the best are picked out of it. */
const TILE = 2048;
const ROWS = 512;
/** Atoms of each tile that are looked at more closely. */
const BEST = 4;

/** Candidates of one row. */
export interface Candidates {
  readonly atoms: readonly number[];
  /** Dot products in float32, or their absolute values. */
  readonly values: readonly number[];
}

/** Holds a dictionary ready for products; of these, only the best of each tile leave the graph. */
export class TextSearch implements AsyncDisposable {
  /** Vectors per run. */
  readonly rows: number;
  readonly #program: Program<"values" | "indices">;
  readonly #width: number;
  /** For each column of the results, the first atom of its tile. */
  readonly #starts: readonly number[];

  private constructor(rows: number, width: number, starts: readonly number[], program: Program<"values" | "indices">) {
    this.rows = rows;
    this.#width = width;
    this.#starts = starts;
    this.#program = program;
  }

  /** Of a dictionary [M,D]. `signed` looks for the largest dot products, not for the largest absolute values. */
  static async of(
    { data, shape }: FloatTensor,
    { count, signed, device }: { readonly count: number; readonly signed: boolean; readonly device: Device },
  ): Promise<TextSearch> {
    const [size, width] = shape as [number, number];
    const rows = Math.min(ROWS, count);
    const vectors = input("vectors", [rows, width]);
    const starts: number[] = [];
    const found = Array.from({ length: Math.ceil(size / TILE) }, (_, i) => {
      const start = i * TILE;
      const length = Math.min(TILE, size - start);
      const bytes = new Uint8Array(data.buffer, data.byteOffset + start * width * 4, length * width * 4);
      const atoms = weight({ name: `atoms ${start}`, dtype: "F32", shape: [length, width], bytes });
      const products = matmul(vectors, atoms, { transposeB: true });
      const best = Math.min(BEST, length);
      starts.push(...new Array<number>(best).fill(start));
      return topK(signed ? products : abs(products), best);
    });
    const joined = (name: "values" | "indices") =>
      found.length === 1
        ? found[0]![name]
        : concat(
            found.map((tile) => tile[name]),
            1,
          );
    const program = await compile({ values: joined("values"), indices: joined("indices") }, { device });
    return new TextSearch(rows, width, starts, program);
  }

  /** For each of at most {@link TextSearch.rows} vectors. */
  async best(vectors: readonly Float64Array[]): Promise<Candidates[]> {
    const fed = new Float32Array(this.rows * this.#width);
    for (const [row, vector] of vectors.entries()) fed.set(vector, row * this.#width);
    const { values, indices } = await this.#program.run({ vectors: floatTensor(fed, [this.rows, this.#width]) });
    const columns = this.#starts.length;
    return vectors.map((_, row) => ({
      atoms: this.#starts.map((start, i) => start + indices.data[row * columns + i]!),
      values: this.#starts.map((_, i) => values.data[row * columns + i]!),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.dispose();
  }
}
