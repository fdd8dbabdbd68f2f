/**
 * The decomposition of CLIP's text representation into what each head, token and MLP wrote to the end token.
 *
 * Source: as for pictures (Gandelsman, Efros, Steinhardt 2024), with the text tower's final norm (`ln_final`) and projection. B texts, L
 * blocks and H heads of the text tower, N tokens of its context, D width of the shared space, T directions.
 */
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { textReadout, textScalars } from "../../models/clip/text-readout.js";
import { checkEdits } from "./edits.js";
import { expandParts, type Parts, partsOf, type PartsOptions } from "./parts.js";

/**
 * As for pictures: heads and MLPs add up to the normalised text features, and so do tokens and MLPs. The stream starts with the end
 * token's embedding and place. Of the constants that no token wrote, the n tokens up to the end token, which it attends to, get 1/n
 * each, and those after it nothing.
 */
export interface TextDecomposition extends Parts {
  /** [B,D], not normalised. */
  readonly text_features: FloatTensor;
  /** [B]: where each text ends. */
  readonly ends: Tensor<"int32">;
}

const APART = { check: checkEdits, readout: textReadout, scalars: textScalars };

/**
 * Decomposes texts, or token ids int32 [B, length], at about the cost of encoding them. Of an edited model, what the edited model computed is
 * decomposed. Throws `MissingPartError` without a text tower or a tokenizer, `UsageError` for unusable ids,
 * `UnattributableEditError` when an edit's effect belongs to no head, token or MLP.
 */
export async function decomposeText(
  clip: Clip,
  texts: readonly string[] | Tensor<"int32">,
  options: PartsOptions = {},
): Promise<TextDecomposition> {
  const rows = clip.textRows(texts);
  const { features, ...parts } = await partsOf(clip.text, "decompose-text", rows, options, APART);
  return { ...parts, text_features: features, ends: rows.ends };
}

/** Head contributions [B,L,H,D] from what is stored of texts. */
export async function expandTextHeads(
  clip: Clip,
  decomposition: Pick<TextDecomposition, "head_coordinates" | "head_scalars">,
): Promise<FloatTensor> {
  return expandParts(clip.text, "expand-text-heads", decomposition, APART);
}
