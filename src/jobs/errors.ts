import { VitrineError } from "../engine/errors.js";

/** No picture of this id was handed over, or it was let go of since. */
export class UnknownPictureError extends VitrineError {
  readonly code = "unknown-picture";
  constructor(id: string) {
    super({ what: "no such picture", got: id, fix: "hand the picture over again" });
  }
}

/** A model that is not among those that can be asked for. */
export class UnknownModelError extends VitrineError {
  readonly code = "unknown-model";
  constructor(ref: string, offered: readonly string[], fix: string) {
    super({ what: "no such model", got: `"${ref}"`, expected: `one of ${offered.join(", ")}`, fix });
  }
}
