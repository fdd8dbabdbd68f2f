import { UsageError } from "../../engine/errors.js";

/** The model knows no piece of a word but its letters, so that nothing can be said of what it holds of it. */
export class UnknownWordError extends UsageError {
  override readonly code = "unknown-word";
}

/** A caption without a word: there is nothing to judge. */
export class EmptyCaptionError extends UsageError {
  override readonly code = "empty-caption";
}
