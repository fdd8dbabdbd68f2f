import { EXIT_USAGE, VitrineError } from "../../engine/errors.js";

/** The weights are not those of a CLIP, or of a kind of CLIP that is not supported. */
export class WrongFamilyError extends VitrineError {
  readonly code = "wrong-family";
}

/** A tensor of the checkpoint does not have the shape that the rest of the model asks for. */
export class WeightShapeError extends VitrineError {
  readonly code = "weight-shape";
}

/** A tensor of the checkpoint holds a value that cannot be computed with. */
export class WeightValueError extends VitrineError {
  readonly code = "weight-value";
}

/** The checkpoint holds tensors of a tower that are not part of the CLIP that is built: it is another variant. */
export class UnexpectedTensorError extends VitrineError {
  readonly code = "unexpected-tensor";
}

/** A configuration file cannot be read, or asks for something that is not built. */
export class ModelConfigError extends VitrineError {
  readonly code = "model-config";
}

/** The checkpoint does not say something that has to be known to run it right. */
export class AmbiguousModelError extends VitrineError {
  readonly code = "ambiguous-model";
  override readonly exitCode = EXIT_USAGE;
}

/** The model lacks a part (text tower, tokenizer) that this call needs. */
export class MissingPartError extends VitrineError {
  readonly code = "missing-part";
}

/** Pixels handed to the model have another shape than its input. */
export class PixelShapeError extends VitrineError {
  readonly code = "pixel-shape";
}

/** The tokenizer can give ids that the model has no embedding for. */
export class TokenizerMismatchError extends VitrineError {
  readonly code = "tokenizer-mismatch";
}

/** There is not enough free memory for the model's weights. */
export class MemoryShortError extends VitrineError {
  readonly code = "memory-short";
}
