import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { quote } from "../../engine/weights/errors.js";
import { UnexpectedTensorError } from "./errors.js";
import type { Family } from "./layouts.js";

const WITH_TEXTS =
  /^(visual|vision_model|text_model|text|transformer)\.|^(visual_projection|text_projection|token_|positional_|ln_|cls_)/;
const PICTURES_ALONE =
  /^((vit|dinov2|dinov2_with_registers)\.)?(embeddings|encoder|layernorm|blocks|norm|norm_pre|fc_norm|attn_pool|patch_embed)\.|^(cls_|reg_|register_|dist_|pos_)/;

/**
 * Where tensors take part in a tower's computation, in any layout. What lies outside (a classifier, a decoder, a pooler, OpenAI's
 * sizes) comes after the features and cannot change them.
 */
const IN_TOWERS: Readonly<Record<Family, RegExp>> = {
  clip: WITH_TEXTS,
  siglip: WITH_TEXTS,
  vit: PICTURES_ALONE,
  dinov2: PICTURES_ALONE,
};

/** Buffers that some writers keep hold nothing that was learnt; a mask token stands for patches in training alone. */
const BUFFERS = /(^|\.)(position_ids|attn_mask|mask_token)$/;

const PLAIN: Readonly<Record<Family, string>> = {
  clip: "a plain CLIP",
  siglip: "a plain SigLIP",
  vit: "a plain vision transformer whose class token is read",
  dinov2: "a plain DINOv2",
};

const SHOWN = 3;

/**
 * Throws {@link UnexpectedTensorError} when a tower holds tensors that were not taken: its features would be computed
 * without them, and be wrong.
 */
export function checkAllTaken(checkpoint: Checkpoint, taken: ReadonlySet<string>, family: Family): void {
  const left = checkpoint
    .names()
    .filter((name) => !taken.has(name) && IN_TOWERS[family].test(name) && !BUFFERS.test(name));
  if (left.length === 0) return;
  const shown = left.slice(0, SHOWN).map(quote).join(", ");
  throw new UnexpectedTensorError({
    what: `the checkpoint has tensors that are not part of ${PLAIN[family]}`,
    where: checkpoint.path,
    got: left.length > SHOWN ? `${shown} and ${left.length - SHOWN} more` : shown,
    fix: "this variant is not supported; use one without them",
  });
}
