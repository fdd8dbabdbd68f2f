/**
 * The decomposition of CLIP's image representation into what each head, token and MLP wrote.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, "Interpreting CLIP's Image Representation via Text-Based Decomposition"
 * (ICLR). B pictures, L blocks, H heads, N tokens (class token first), d head width, D width of the shared space, T texts.
 */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { frozenScalars } from "../../models/clip/final-norm.js";
import { readout } from "../../models/clip/readout.js";
import { checkEdits } from "./edits.js";
import { type ExpandOptions, expandParts, type Parts, partsOf, type PartsOptions } from "./parts.js";

/** Of pictures. */
export type DecomposeOptions = PartsOptions;

/**
 * Every contribution is divided by the norm of the image features: heads and MLPs add up to the normalised features. The stream starts
 * with the class embedding after the first norm. Where tokens are pooled by attention (SigLIP), heads and tokens are those of the pool: L
 * is 1, nothing is there at the start, and the MLP is the pool's.
 */
export interface Decomposition extends Parts {
  /** [B,D], not normalised. */
  readonly image_features: FloatTensor;
}

const APART = { check: checkEdits, readout, scalars: frozenScalars };

/**
 * Decomposes pixels [B,3,S,S] (see `clip.preprocess`) at about the cost of encoding them.
 * Of an edited model, what the edited model computed is decomposed. Throws `PixelShapeError` when the pixels do not fit the
 * model, `UnattributableEditError` when an edit's effect belongs to no head, token or MLP.
 */
export async function decompose(
  clip: Clip,
  pixels: FloatTensor,
  options: DecomposeOptions = {},
): Promise<Decomposition> {
  clip.checkPixels(pixels);
  const { features, ...parts } = await partsOf(clip.vision, "decompose", { pixels }, options, APART);
  return { ...parts, image_features: features };
}

/**
 * Head contributions [B,L,H,D] from what is stored; [B,K,H,D] of K layers from their coordinates alone. `decomposition` needs
 * `head_coordinates` and `head_scalars` only, also when read back from a file.
 */
export async function expandHeads(
  clip: Clip,
  decomposition: Pick<Decomposition, "head_coordinates" | "head_scalars">,
  options: ExpandOptions = {},
): Promise<FloatTensor> {
  return expandParts(clip.vision, "expand-heads", decomposition, APART, options);
}
