/**
 * The decomposition of CLIP's image representation into what each head, token and MLP wrote.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, "Interpreting CLIP's Image Representation via Text-Based Decomposition"
 * (ICLR). B pictures, L blocks, H heads, N tokens (class token first), d head width, D width of the shared space, T texts.
 */
import { mul } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { reshape } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkEdits } from "./edits.js";
import { collectLayers } from "./collect.js";
import { headContributions, headCoordinates, mlpContributions } from "./coordinates.js";
import { frozenScalars, type FrozenScalars, packScalars, type VisionGraph } from "../../models/clip/final-norm.js";
import { readout } from "../../models/clip/readout.js";
import { textMaps, textWrites, tokenContributions, tokenWrites } from "./tokens.js";

export interface DecomposeOptions {
  /**
   * Directions of the features' space [T,D], one per text: asks for `text_maps`. Usually normalised text features; normalised
   * features of other pictures will do. "own": one direction, that of each picture's own features.
   */
  readonly texts?: FloatTensor | "own";
  /** Asks for `token_contributions`. */
  readonly tokens?: boolean;
  /** Pictures per run of the model; default 8, or fewer if there are fewer. */
  readonly batch?: number;
}

/**
 * Every contribution is divided by the norm of the image features: heads and MLPs add up to the normalised features. Where tokens are
 * pooled by attention (SigLIP), heads and tokens are those of the pool: L is 1, nothing is there at the start, and the MLP is the pool's.
 */
export interface Decomposition {
  /** [B,D], not normalised. */
  readonly image_features: FloatTensor;
  /** [B,L,H,d]: the class token's attention output z over (σ n). With `head_scalars`, all that has to be stored. */
  readonly head_coordinates: FloatTensor;
  /** [B,3]: 1/(σ n), μ/(σ n), 1/n; σ and μ of the final layer norm, n the norm of the image features. */
  readonly head_scalars: FloatTensor;
  /** [B,L+1,D]: the stream's start (class embedding after the first norm), then each MLP. */
  readonly mlp_contributions: FloatTensor;
  /** [B,L,N,D], summed over heads; only if asked for. */
  readonly token_contributions?: FloatTensor;
  /** [B,L,H,N,T]: dot products of (head, token) contributions with the texts; only if texts are given. */
  readonly text_maps?: FloatTensor;
}

/**
 * Decomposes pixels [B,3,S,S] (see `clip.preprocess`) at about the cost of encoding them.
 * Of an edited model, what the edited model computed is decomposed. Throws `PixelShapeError` when the pixels do not fit the
 * model, {@link UnattributableEditError} when an edit's effect belongs to no head, token or MLP.
 */
export async function decompose(
  clip: Clip,
  pixels: FloatTensor,
  { texts, tokens = false, batch }: DecomposeOptions = {},
): Promise<Decomposition> {
  clip.checkPixels(pixels);
  const key = `decompose:${tokens}:${texts === "own" ? texts : (texts?.shape.join("x") ?? "")}`;
  const extend = (graph: VisionGraph): Record<keyof Decomposition, Value> => decompositionOf(graph, tokens, texts);
  const shared: Record<string, Tensor> = texts === undefined || texts === "own" ? {} : { texts };
  return clip.vision.run(key, { pixels }, extend, { shared, ...(batch === undefined ? {} : { batch }) });
}

/**
 * Head contributions [B,L,H,D] from what is stored. `decomposition` needs `head_coordinates` and `head_scalars` only,
 * also when read back from a file.
 */
export async function expandHeads(
  clip: Clip,
  { head_coordinates, head_scalars }: Pick<Decomposition, "head_coordinates" | "head_scalars">,
): Promise<FloatTensor> {
  const rows = { head_coordinates, head_scalars };
  const shapeOf = (tensor: FloatTensor, batch: number): number[] => [batch, ...tensor.shape.slice(1)];
  const { head_contributions } = await clip.vision.run("expand-heads", rows, (graph, batch) => ({
    head_contributions: headContributions(
      input("head_coordinates", shapeOf(head_coordinates, batch)),
      input("head_scalars", shapeOf(head_scalars, batch)),
      readout(graph),
    ),
  }));
  return head_contributions;
}

function decompositionOf(
  graph: VisionGraph,
  tokens: boolean,
  texts: DecomposeOptions["texts"],
): Record<keyof Decomposition, Value> {
  checkEdits(graph, tokens || texts !== undefined);
  const read = readout(graph);
  const scalars = frozenScalars(graph);
  const directions = texts === "own" ? ownDirections(graph, scalars) : texts && input("texts", texts.shape);
  const collected = collectLayers({
    z: read.layers.map(({ z }) => z),
    mlps: read.layers.map(({ mlp }) => mlp),
    tokens: tokens ? tokenWrites(read) : undefined,
    texts: directions && textWrites(read, directions),
  });
  // What is collected of every layer is asked for first, so that it is computed as the layers are.
  return {
    head_coordinates: headCoordinates(collected.z, scalars),
    mlp_contributions: mlpContributions(collected.mlps, scalars, read),
    ...(collected.tokens && { token_contributions: tokenContributions(collected.tokens, scalars, read) }),
    ...(collected.texts && directions && { text_maps: textMaps(collected.texts, scalars, read, directions) }),
    head_scalars: packScalars(scalars),
    image_features: graph.features,
  } as Record<keyof Decomposition, Value>;
}

/** Each picture's own features, normalised, [B,1,D]. */
function ownDirections({ features }: VisionGraph, { norm }: FrozenScalars): Value {
  const [batch, width] = features.shape as [number, number];
  return reshape(mul(features, norm), [batch, 1, width]);
}
