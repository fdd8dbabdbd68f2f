import { SourceFile } from "../source-file.js";
import { plainRecord, type TensorFile } from "../tensor-file.js";
import { readArchive } from "./archive.js";
import { isLegacyTorch, readLegacy } from "./legacy.js";
import { collectTensors } from "./state-dict.js";
import { resolveTensors } from "./tensors.js";

/** Bytes by which the older format is told from a zip archive. */
const MAGIC_BYTES = 16;

/**
 * Reads a `.pt`, `.pth`, `.ckpt` or `.bin` of torch.save or torch.jit.save and locates its tensors, without executing
 * anything: the pickle may only name what tensors need. Tensors are spans of the file wherever they lie there
 * uncompressed and contiguous.
 *
 * Throws the errors of `torch/errors.ts`, and `FileMissingError`, `FileUnreadableError` or `FileTruncatedError`.
 */
export async function readTorchFile(path: string): Promise<TensorFile> {
  await using file = await SourceFile.open(path);
  return await readTorchOf(file);
}

/** As {@link readTorchFile}, of a file that is open already. */
export async function readTorchOf(file: SourceFile): Promise<TensorFile> {
  const start = await file.read(0, Math.min(MAGIC_BYTES, file.size));
  const { root, locate } = isLegacyTorch(start) ? await readLegacy(file) : await readArchive(file);
  const { tensors, unsupported } = await resolveTensors(collectTensors(root, file.path), file, locate);
  return { path: file.path, size: file.size, metadata: plainRecord([]), tensors, unsupported };
}
