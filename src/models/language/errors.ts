import { UsageError } from "../../engine/errors.js";

/** A block, or a layer between blocks, that the model has not. */
export class LayerRangeError extends UsageError {
  override readonly code = "layer-range";
}
