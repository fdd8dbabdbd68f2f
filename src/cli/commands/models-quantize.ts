/** `vitrine models quantize`: a vision-language model in fewer bits. */
import { join } from "node:path";
import type { Quantisation } from "../../engine/tensor/quantise.js";
import { locateModel } from "../../models/locate.js";
import { quantiseVlm } from "../../models/vlm/quantise-checkpoint.js";
import { downloadProgress } from "../download-progress.js";
import type { GlobalOptions } from "../fail.js";
import { refuseToOverwrite } from "../overwrite.js";
import { countProgress, megabytes } from "../progress.js";
import { printable } from "../terminal-text.js";

export interface QuantizeOptions extends GlobalOptions {
  readonly out: string;
  readonly bits: `${Quantisation["bits"]}`;
  readonly block: `${Quantisation["block"]}`;
  readonly revision?: string;
  readonly offline?: true;
  readonly force?: true;
}

/** Throws `OutputExistsError`, and what locating and quantising throw. */
export async function quantizeModel(ref: string, options: QuantizeOptions): Promise<void> {
  const { out, force, json } = options;
  const form = { bits: Number(options.bits), block: Number(options.block) } as Quantisation;
  refuseToOverwrite(join(out, "model.safetensors"), force);
  const { path } = await locateModel(ref, { ...options, ...downloadProgress() });
  let progress: ReturnType<typeof countProgress> | undefined;
  const done = await quantiseVlm(path, out, form, (tensor, all) => {
    progress ??= countProgress(all, "tensors");
    progress.update(tensor);
  });
  progress?.clear();
  if (json) {
    process.stdout.write(`${JSON.stringify({ ref, out, ...form, ...done })}\n`);
    return;
  }
  const { matrices, bytesBefore, bytesAfter, error } = done;
  process.stdout.write(
    `${matrices} matrices in ${form.bits} bits, ${form.block} numbers to a scale: ${megabytes(bytesBefore)} MB became ${megabytes(bytesAfter)} MB; weights moved by ${(100 * error).toFixed(2)}% of their size (root mean square).\nWrote ${printable(out)}.\n`,
  );
}
