/** @file What can be wrong with a torch file: the zip archive, the pickle, the storages. */
import { VitrineError } from "../../errors.js";

/** The zip archive is damaged, or uses a feature that torch never writes. */
export class TorchZipError extends VitrineError {
  readonly code = "torch-zip";
}

/** The archive holds no checkpoint that torch.save or torch.jit.save could have written. */
export class TorchArchiveError extends VitrineError {
  readonly code = "torch-archive";
}

/** The file was saved on a big-endian machine. */
export class TorchByteOrderError extends VitrineError {
  readonly code = "torch-byte-order";
}

/** The pickle asks for a class or function that is not on the short list of those that tensors need. */
export class PickleRefusedError extends VitrineError {
  readonly code = "pickle-refused";
}

/** The pickle uses an instruction that no checkpoint needs, or none at all. */
export class PickleOpcodeError extends VitrineError {
  readonly code = "pickle-opcode";
}

/** The pickle ends in the middle of an instruction or before its STOP. */
export class PickleTruncatedError extends VitrineError {
  readonly code = "pickle-truncated";
}

/** The pickle's instructions do not fit together. */
export class PickleCorruptError extends VitrineError {
  readonly code = "pickle-corrupt";
}

/** The file is built to exhaust the reader: a bomb of references, nesting, cycles, numbers or compression. */
export class TorchLimitError extends VitrineError {
  readonly code = "torch-limit";
}

/** A tensor reaches outside its storage, or the storage is not what the pickle says. */
export class TorchStorageError extends VitrineError {
  readonly code = "torch-storage";
}

/** Two tensors end up with the same name. */
export class TorchDuplicateNameError extends VitrineError {
  readonly code = "torch-duplicate-name";
}

/** The file is sound but holds no tensor. */
export class TorchNoTensorsError extends VitrineError {
  readonly code = "torch-no-tensors";
}
