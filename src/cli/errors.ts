import { UsageError, VitrineError } from "../engine/errors.js";

/** What is to be written stands there already. */
export class OutputExistsError extends UsageError {
  override readonly code = "output-exists";
}

/** Pixels from a file are not finite numbers. */
export class PixelValueError extends VitrineError {
  readonly code = "pixel-value";
}

/** The language model that is to label heads does not answer, or not in the form asked for. */
export class LabelEndpointError extends VitrineError {
  readonly code = "label-endpoint";
}
