import { VitrineError } from "../engine/errors.js";
import { WrongFamilyError } from "../models/clip/errors.js";
import type { ModelKind } from "./job.js";

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

/** Throws `WrongFamilyError` where pictures are asked of a model that makes none, or anything else of one that makes them. */
export function checkMaker({ ref, kind }: { readonly ref: string; readonly kind: ModelKind }, makes: boolean): void {
  if ((kind === "generator") === makes) return;
  throw new WrongFamilyError({
    what: makes ? "this model makes no pictures" : "this model makes pictures, and compares or describes none",
    where: ref,
    expected: makes ? "an idempotent generator, such as ign-glyphs" : "a model of pictures, such as clip-scenes",
    fix: "choose another model",
  });
}
