/** @file One error per way in which a safetensors file can break its format's promises. */
import { VitrineError } from "../../errors.js";

/** The file ends before the eight bytes of the header length. */
export class SafetensorsTooShortError extends VitrineError {
  readonly code = "safetensors-too-short";
}

/** The header claims to be longer than the format allows. */
export class SafetensorsHeaderTooLargeError extends VitrineError {
  readonly code = "safetensors-header-too-large";
}

/** The header claims to be longer than the file. */
export class SafetensorsHeaderPastEndError extends VitrineError {
  readonly code = "safetensors-header-past-end";
}

/** The header does not begin with `{`. */
export class SafetensorsHeaderStartError extends VitrineError {
  readonly code = "safetensors-header-start";
}

/** The header is not UTF-8. */
export class SafetensorsHeaderUtf8Error extends VitrineError {
  readonly code = "safetensors-header-utf8";
}

/** The header is not JSON. */
export class SafetensorsHeaderJsonError extends VitrineError {
  readonly code = "safetensors-header-json";
}

/** The header nests deeper than any tensor description needs. */
export class SafetensorsHeaderDepthError extends VitrineError {
  readonly code = "safetensors-header-depth";
}

/** A key occurs twice, so that two readers could see two different files. */
export class SafetensorsDuplicateKeyError extends VitrineError {
  readonly code = "safetensors-duplicate-key";
}

/** `__metadata__` does not map strings to strings. */
export class SafetensorsMetadataError extends VitrineError {
  readonly code = "safetensors-metadata";
}

/** A tensor's description lacks `dtype`, `shape` or `data_offsets`, or one of them is of the wrong kind. */
export class SafetensorsEntryError extends VitrineError {
  readonly code = "safetensors-entry";
}

/** The format has no such element type. */
export class SafetensorsDTypeError extends VitrineError {
  readonly code = "safetensors-dtype";
}

/** A shape holds a negative, fractional or too large number, or its product is too large. */
export class SafetensorsShapeError extends VitrineError {
  readonly code = "safetensors-shape";
}

/** Shape times element size is not the number of bytes that the offsets span. */
export class SafetensorsSizeError extends VitrineError {
  readonly code = "safetensors-size";
}

/** A tensor ends before it begins. */
export class SafetensorsOffsetsReversedError extends VitrineError {
  readonly code = "safetensors-offsets-reversed";
}

/** A tensor lies outside the file's data. */
export class SafetensorsOffsetsOutOfBoundsError extends VitrineError {
  readonly code = "safetensors-offsets-out-of-bounds";
}

/** Two tensors share bytes. */
export class SafetensorsOverlapError extends VitrineError {
  readonly code = "safetensors-overlap";
}

/** Bytes between two tensors (or before the first) belong to none. */
export class SafetensorsHoleError extends VitrineError {
  readonly code = "safetensors-hole";
}

/** Bytes after the last tensor belong to none. */
export class SafetensorsUncoveredError extends VitrineError {
  readonly code = "safetensors-uncovered";
}
