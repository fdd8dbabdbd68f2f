/** @file Errors that any weight file can cause, whatever its format. */
import { VitrineError } from "../errors.js";

/** No file or folder has this path. */
export class FileMissingError extends VitrineError {
  readonly code = "file-missing";
}

/** The path exists but cannot be read: no permission, a device, a failing disk. */
export class FileUnreadableError extends VitrineError {
  readonly code = "file-unreadable";
}

/** The file holds fewer bytes now than when its tensors were located. */
export class FileTruncatedError extends VitrineError {
  readonly code = "file-truncated";
}

/** The file system refused a write for a reason other than space. */
export class FileUnwritableError extends VitrineError {
  readonly code = "file-unwritable";
}

/** The disk (or the user's quota) is full. */
export class DiskFullError extends VitrineError {
  readonly code = "disk-full";
}

/** The checkpoint has no tensor of this name. */
export class MissingTensorError extends VitrineError {
  readonly code = "missing-tensor";
}

/** The tensor exists, but its element type is one that Vitrine does not compute with. */
export class UnsupportedDTypeError extends VitrineError {
  readonly code = "unsupported-dtype";
}

/** A range of rows does not lie within the tensor. */
export class RowRangeError extends VitrineError {
  readonly code = "row-range";
}

/** What is to be written does not fit its declaration: name, element type, shape or amount of data. */
export class TensorDataError extends VitrineError {
  readonly code = "tensor-data";
}

/** A file was finished before every declared row was written. */
export class IncompleteTensorError extends VitrineError {
  readonly code = "tensor-incomplete";
}

const LONGEST_QUOTE = 120;

/** A name from an untrusted file, fit for one line of a terminal: quoted, escaped, shortened. */
export function quote(name: string): string {
  const shown = name.length > LONGEST_QUOTE ? `${name.slice(0, LONGEST_QUOTE)}…` : name;
  // JSON escapes the C0 controls; C1 controls can steer a terminal too.
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
