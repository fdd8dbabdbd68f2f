import { DTYPES } from "../../tensor/dtype.js";
import { showShape, sizeOf } from "../../tensor/shape.js";
import { AtomicFile } from "../atomic-file.js";
import { IncompleteTensorError, MissingTensorError, quote, TensorDataError } from "../errors.js";
import { encodeElements, type TensorElements } from "./encode.js";
import { layOut, type Layout, type Placement, type TensorDeclaration } from "./layout.js";
import { WrittenRows } from "./rows.js";

/**
 * Writes a safetensors file whose tensors become ready bit by bit, in any order, with memory for one block at a time.
 *
 * The file appears under its name only in {@link finish}; after a failure or {@link abort} nothing is left of it, and what
 * stood under the name before is untouched. `await using` aborts a writer that was not finished.
 */
export class SafetensorsWriter {
  private readonly written = new Map<string, WrittenRows>();
  private readonly placements: ReadonlyMap<string, Placement>;

  private constructor(
    private readonly file: AtomicFile,
    layout: Layout,
  ) {
    this.placements = new Map(layout.placements.map((placement) => [placement.name, placement]));
  }

  /** Throws {@link TensorDataError} for a bad declaration, `DiskFullError`, `FileUnwritableError`. */
  static async create(
    path: string,
    declared: readonly TensorDeclaration[],
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<SafetensorsWriter> {
    const layout = layOut(declared, metadata, path);
    const file = await AtomicFile.create(path);
    await file.write(layout.head, 0);
    return new SafetensorsWriter(file, layout);
  }

  /**
   * Writes whole rows of the first axis from row `start` on; a scalar counts as one row. Blocks of several tensors may be
   * under way at once. Throws {@link MissingTensorError} for an undeclared name, {@link TensorDataError} for data that
   * do not fit or rows written before, `DiskFullError` and `FileUnwritableError`; the last two end the writer.
   */
  async writeRows(name: string, start: number, data: TensorElements): Promise<void> {
    const placement = this.placements.get(name);
    const where = `${this.file.path}: tensor ${quote(name)}`;
    if (placement === undefined) throw new MissingTensorError({ what: "tensor was not declared", where });
    const bytes = encodeElements(placement.dtype, data, where);
    const { rows, rowBytes } = rowsOf(placement);
    const count = rowBytes === 0 ? 0 : bytes.length / rowBytes;
    if (!Number.isInteger(count) || !Number.isInteger(start) || start < 0 || start + count > rows) {
      throw new TensorDataError({
        what: "block does not fit the tensor",
        where,
        got: `${bytes.length} bytes at row ${start}`,
        expected: `whole rows of ${rowBytes} bytes within shape ${showShape(placement.shape)}`,
      });
    }
    if (!this.writtenOf(name).add(start, start + count)) {
      throw new TensorDataError({ what: "rows written twice", where, got: `rows ${start}..${start + count}` });
    }
    await this.file.write(bytes, placement.offset + start * rowBytes);
  }

  /**
   * Flushes the file and puts it under its name. Throws {@link IncompleteTensorError}, and discards the file, when a
   * declared row was not written; `DiskFullError`, `FileUnwritableError`.
   */
  async finish(): Promise<void> {
    for (const placement of this.placements.values()) {
      const { rows, rowBytes } = rowsOf(placement);
      const missing = rowBytes === 0 ? rows : this.writtenOf(placement.name).firstMissing(rows);
      if (missing === rows) continue;
      await this.abort();
      throw new IncompleteTensorError({
        what: "tensor was not written to the end",
        where: `${this.file.path}: tensor ${quote(placement.name)}`,
        got: `no data for row ${missing}`,
        expected: `${rows} rows`,
      });
    }
    await this.file.commit();
  }

  /** Removes everything written so far. Does nothing after {@link finish}. */
  async abort(): Promise<void> {
    await this.file.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  private writtenOf(name: string): WrittenRows {
    let rows = this.written.get(name);
    if (rows === undefined) this.written.set(name, (rows = new WrittenRows()));
    return rows;
  }
}

function rowsOf({ dtype, shape }: Placement): { rows: number; rowBytes: number } {
  const [rows = 1, ...rest] = shape;
  return { rows, rowBytes: sizeOf(rest) * DTYPES[dtype].bytes };
}
