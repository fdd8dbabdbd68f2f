import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { quote } from "../../engine/weights/errors.js";
import { UnexpectedTensorError } from "./errors.js";

/**
 * Where tensors take part in a tower's computation, in any layout. What lies outside (a classifier, a decoder, a loss's
 * `logit_bias`, OpenAI's sizes) comes after the features and cannot change them.
 */
const IN_TOWERS =
  /^(visual|vision_model|text_model|text|transformer)\.|^(visual_projection|text_projection|token_|positional_|ln_|cls_)/;

/** Buffers that some writers keep: they hold nothing that was learnt. */
const BUFFERS = /(^|\.)(position_ids|attn_mask)$/;

const SHOWN = 3;

/**
 * Throws {@link UnexpectedTensorError} when a tower holds tensors that were not taken: its features would be computed
 * without them, and be wrong.
 */
export function checkAllTaken(checkpoint: Checkpoint, taken: ReadonlySet<string>): void {
  const left = checkpoint.names().filter((name) => !taken.has(name) && IN_TOWERS.test(name) && !BUFFERS.test(name));
  if (left.length === 0) return;
  const shown = left.slice(0, SHOWN).map(quote).join(", ");
  throw new UnexpectedTensorError({
    what: "the checkpoint has tensors that are not part of a plain CLIP",
    where: checkpoint.path,
    got: left.length > SHOWN ? `${shown} and ${left.length - SHOWN} more` : shown,
    fix: "this variant of CLIP is not supported; use one without them",
  });
}
