/** Writes a vision-language model again, the matrices of its language model in 4 or 8 bits. */
import { existsSync } from "node:fs";
import { copyFile, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { blockBytes, dequantiseRows, type Quantisation, quantiseRows } from "../../engine/tensor/quantise.js";
import { DTYPES } from "../../engine/tensor/dtype.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { makeFolder } from "../../engine/weights/atomic-file.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import type { TensorDeclaration } from "../../engine/weights/safetensors/layout.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import { quantisedNames } from "../language/quantised.js";
import { vlmLayout } from "./layout.js";

export interface QuantisedCheckpoint {
  readonly matrices: number;
  /** Of all tensors. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Root mean square of what the matrices changed by, over that of their numbers. */
  readonly error: number;
}

/** Of InstructBLIP. */
const QUERY_TOKENIZER = "qformer_tokenizer";
/** Rows that are quantised at a time: bounds the memory. */
const ROWS = 1024;

/**
 * From a file or folder `path` into `folder`: configuration and tokenizer are copied, embeddings, norms, projector and tower kept as they
 * are. Throws `WrongFamilyError`, `UsageError` for one that is quantised already, and the errors of weight files.
 */
export async function quantiseVlm(
  path: string,
  folder: string,
  form: Quantisation,
  onTensor: (done: number, all: number) => void = () => undefined,
): Promise<QuantisedCheckpoint> {
  const checkpoint = await openCheckpoint(path);
  const isMatrix = matrixTest(checkpoint);
  const names = checkpoint.names();
  if (names.some((name) => /\.q[48]$/.test(name))) {
    throw new UsageError({ what: "the model is quantised already", where: path, fix: "start from the whole one" });
  }
  await makeFolder(folder);
  const home = (await stat(path)).isDirectory() ? path : dirname(path);
  await copyTexts(home, folder);
  if (existsSync(join(home, QUERY_TOKENIZER))) {
    await makeFolder(join(folder, QUERY_TOKENIZER));
    await copyTexts(join(home, QUERY_TOKENIZER), join(folder, QUERY_TOKENIZER));
  }
  const declared = names.flatMap((name) => declarationsOf(checkpoint.get(name), isMatrix(name) ? form : undefined));
  await using writer = await SafetensorsWriter.create(join(folder, "model.safetensors"), declared, {
    ...checkpoint.metadata,
    quantised: `${form.bits} bits, blocks of ${form.block}`,
  });
  let [moved, whole] = [0, 0];
  for (const [done, name] of names.entries()) {
    const stored = checkpoint.get(name);
    if (isMatrix(name)) {
      const { squaredError, squares } = await writeQuantised(writer, stored, form);
      moved += squaredError;
      whole += squares;
    } else {
      await writeAsItIs(writer, stored);
    }
    onTensor(done + 1, names.length);
  }
  await writer.finish();
  const before = names.reduce((sum, name) => sum + checkpoint.get(name).bytes.length, 0);
  return {
    matrices: names.filter(isMatrix).length,
    bytesBefore: before,
    bytesAfter: declared.reduce((sum, { dtype, shape }) => sum + sizeOf(shape) * DTYPES[dtype].bytes, 0),
    error: whole === 0 ? 0 : Math.sqrt(moved / whole),
  };
}

async function copyTexts(from: string, to: string): Promise<void> {
  for (const file of await readdir(from)) {
    if (/\.(json|jinja|md|model)$/.test(file) && !file.endsWith(".index.json"))
      await copyFile(join(from, file), join(to, file));
  }
}

/** Whether a name is that of a linear map of the language model. */
function matrixTest(checkpoint: Checkpoint): (name: string) => boolean {
  const { language } = vlmLayout(checkpoint);
  const inBlocks = `${language.prefix}layers.`;
  return (name) => name === language.head || (name.startsWith(inBlocks) && name.endsWith("_proj.weight"));
}

function declarationsOf({ name, dtype, shape }: StoredTensor, form: Quantisation | undefined): TensorDeclaration[] {
  if (form === undefined) return [{ name, dtype, shape }];
  const [out, width] = shape as [number, number];
  const blocks = Math.ceil(width / form.block);
  const names = quantisedNames(name, form.bits);
  return [
    { name: names.packed, dtype: "U8", shape: [out, blocks, blockBytes(form)] },
    { name: names.scales, dtype: "F32", shape: [out, blocks] },
  ];
}

async function writeQuantised(
  writer: SafetensorsWriter,
  stored: StoredTensor,
  form: Quantisation,
): Promise<{ squaredError: number; squares: number }> {
  const [out, width] = stored.shape as [number, number];
  const names = quantisedNames(stored.name, form.bits);
  let [squaredError, squares] = [0, 0];
  for (let start = 0; start < out; start += ROWS) {
    const { data } = readStored(stored, { rows: [start, Math.min(out, start + ROWS)] });
    const rows = quantiseRows(data, width, form);
    await writer.writeRows(names.packed, start, rows.packed);
    await writer.writeRows(names.scales, start, rows.scales);
    const again = dequantiseRows(rows, width, form);
    for (const [i, value] of data.entries()) {
      squares += value * value;
      squaredError += (value - again[i]!) ** 2;
    }
  }
  return { squaredError, squares };
}

async function writeAsItIs(writer: SafetensorsWriter, stored: StoredTensor): Promise<void> {
  const { name, dtype, shape } = stored;
  if (!["F32", "F16", "BF16"].includes(dtype) || shape.length === 0) {
    await writer.writeRows(name, 0, rawBytes(stored));
    return;
  }
  const rows = shape[0]!;
  // Half-precision numbers are float32 numbers: nothing is lost on the way.
  for (let start = 0; start < rows; start += ROWS) {
    await writer.writeRows(name, start, readStored(stored, { rows: [start, Math.min(rows, start + ROWS)] }).data);
  }
}

function rawBytes({ bytes }: StoredTensor): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  const out = new Uint8Array(bytes.length);
  const file = bytes.open();
  try {
    file.read(out, bytes.offset);
  } finally {
    file.close();
  }
  return out;
}
