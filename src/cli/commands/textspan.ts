/** `vitrine textspan`: which texts of a pool span the rows of a file. */
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { Moments } from "../../engine/tensor/moments.js";
import { showShape } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { makeFolder } from "../../engine/weights/atomic-file.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { spanReconstruction, textSpan } from "../../methods/decompose/text-span.js";
import type { GlobalOptions } from "../fail.js";
import { printable } from "../terminal-text.js";

export interface TextSpanCommandOptions extends GlobalOptions {
  readonly data: string;
  readonly pool: string;
  readonly count: number;
  readonly rank?: number;
  readonly out?: string;
}

const RESULT = "textspan.safetensors";

/** Throws the errors of weight files, `UsageError` for rows or options that give no span. */
export async function runTextSpan({ data, pool, count, rank, out, json }: TextSpanCommandOptions): Promise<void> {
  const rows = await rowsIn(data, "textspan_data");
  const texts = await rowsIn(pool, "textspan_pool");
  const moments = Moments.of(rows);
  const span = textSpan(moments, texts, { count, ...(rank === undefined ? {} : { rank }) });
  if (out !== undefined) {
    await makeFolder(out);
    const reconstruction = spanReconstruction(rows, moments.mean(), span);
    const tensors = {
      textspan_reconstruction: asReference(reconstruction),
      reconstruction,
      directions: span.directions,
    };
    await writeSafetensors(
      join(out, RESULT),
      Object.entries(tensors).map(([name, { data, shape }]) => ({ name, dtype: "F32" as const, shape, data })),
      { method: "textspan", rank: String(span.rank), picks: JSON.stringify(span.picks) },
    );
  }
  if (json) {
    process.stdout.write(`${JSON.stringify({ picks: span.picks, explained: span.explained, rank: span.rank })}\n`);
    return;
  }
  const lines = span.picks.map(
    (pick, i) => `${String(pick).padStart(8)}   ${(100 * span.explained[i]!).toFixed(1).padStart(5)}%`,
  );
  process.stdout.write(
    `Texts of the pool, in order, and the variance that they explain together (rank ${span.rank}):\n${lines.join("\n")}\n`,
  );
  if (out !== undefined) process.stdout.write(`Wrote ${printable(join(out, RESULT))}.\n`);
}

/**
 * What the reference returns on a CPU: it adds, in place, to one row that it sees as many, so that the last row's
 * reconstruction stands in every row. Kept for comparison; `reconstruction` is the right one.
 */
function asReference({ data, shape }: FloatTensor): FloatTensor {
  const [rows, width] = shape as [number, number];
  const last = data.subarray((rows - 1) * width);
  return floatTensor(
    Float32Array.from(data, (_, i) => last[i % width]!),
    shape,
  );
}

async function rowsIn(path: string, name: string): Promise<FloatTensor> {
  const tensor = readStored((await openCheckpoint(path)).get(name));
  const where = `${path}: tensor "${name}"`;
  if (tensor.shape.length !== 2 || tensor.data.length === 0) {
    throw new UsageError({ what: "not rows", where, got: showShape(tensor.shape), expected: "[rows,width]" });
  }
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const row = Math.floor(bad / tensor.shape[1]!);
    throw new UsageError({ what: "rows must be finite", where: `${where}, row ${row}`, got: String(tensor.data[bad]) });
  }
  return tensor;
}
