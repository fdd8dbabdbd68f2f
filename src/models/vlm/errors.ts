import { UsageError } from "../../engine/errors.js";

/** A prompt, or a configuration, has room for another number of image tokens than the model makes of a picture. */
export class ImageTokenCountError extends UsageError {
  override readonly code = "image-token-count";
}
