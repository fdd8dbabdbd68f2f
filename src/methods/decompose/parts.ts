/** What the decompositions of pictures and of texts have in common: contributions of parts to normalised features. */
import { mul } from "../../engine/graph/ops/arithmetic.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { reshape } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import { type FrozenScalars, packScalars } from "../../models/clip/final-norm.js";
import type { Readout } from "../../models/clip/readout.js";
import type { Tower, TowerGraph } from "../../models/clip/tower.js";
import { collectLayers } from "./collect.js";
import { headContributions, headCoordinates, mlpContributions } from "./coordinates.js";
import { textMaps, textWrites, tokenContributions, tokenWrites } from "./tokens.js";

export interface PartsOptions {
  /**
   * Directions of the features' space [T,D]: asks for `text_maps`. Usually normalised features of texts; those of pictures will do.
   * "own": one direction, that of each example's own features.
   */
  readonly texts?: FloatTensor | "own";
  /** Asks for `token_contributions`. */
  readonly tokens?: boolean;
  /** Examples per run of the model; default 8, or fewer if there are fewer. */
  readonly batch?: number;
}

/** Every contribution is divided by the norm of the features: heads and MLPs add up to the normalised features. */
export interface Parts {
  /** [B,L,H,d]: what the heads gather at the token that is read, z over (σ n). With `head_scalars`, all that has to be stored. */
  readonly head_coordinates: FloatTensor;
  /** [B,3]: 1/(σ n), μ/(σ n), 1/n; σ and μ of the final layer norm, n the norm of the features. */
  readonly head_scalars: FloatTensor;
  /** [B,L+1,D]: the stream's start, then each MLP. */
  readonly mlp_contributions: FloatTensor;
  /** [B,L,N,D], summed over heads; only if asked for. */
  readonly token_contributions?: FloatTensor;
  /** [B,L,H,N,T]: dot products of (head, token) contributions with the directions; only if these are given. */
  readonly text_maps?: FloatTensor;
}

/** How a method takes apart a tower of either kind. */
export interface TakenApart<W> {
  /** Throws when what the graph computes is not the sum of its parts. */
  readonly check: (graph: TowerGraph<W>, byToken: boolean) => void;
  readonly readout: (graph: TowerGraph<W>) => Readout;
  readonly scalars: (graph: TowerGraph<W>) => FrozenScalars;
}

/** Runs the tower over `rows` and takes its features [B,D], not normalised, apart. `key` tells such methods apart. */
export async function partsOf<W>(
  tower: Tower<W>,
  key: string,
  rows: Readonly<Record<string, Tensor>>,
  { texts, tokens = false, batch }: PartsOptions,
  apart: TakenApart<W>,
): Promise<Parts & { readonly features: FloatTensor }> {
  const asked = `${key}:${tokens}:${texts === "own" ? texts : (texts?.shape.join("x") ?? "")}`;
  const shared: Record<string, Tensor> = texts === undefined || texts === "own" ? {} : { texts };
  const options = { shared, ...(batch === undefined ? {} : { batch }) };
  return tower.run(asked, rows, (graph) => valuesOf(graph, { texts, tokens }, apart), options);
}

export interface ExpandOptions {
  /** Layers that the coordinates [B,K,H,d] are of; by default all. */
  readonly layers?: readonly number[];
  /** Largest number of examples per run. */
  readonly batch?: number;
}

/** Head contributions [B,K,H,D] from what is stored. */
export async function expandParts<W>(
  tower: Tower<W>,
  key: string,
  { head_coordinates, head_scalars }: Pick<Parts, "head_coordinates" | "head_scalars">,
  { readout }: Pick<TakenApart<W>, "readout">,
  { layers, batch: most }: ExpandOptions = {},
): Promise<FloatTensor> {
  const rows = { head_coordinates, head_scalars };
  const shapeOf = (tensor: FloatTensor, batch: number): number[] => [batch, ...tensor.shape.slice(1)];
  const extend = (graph: TowerGraph<W>, batch: number): { head_contributions: Value } => ({
    head_contributions: headContributions(
      input("head_coordinates", shapeOf(head_coordinates, batch)),
      input("head_scalars", shapeOf(head_scalars, batch)),
      readout(graph),
      layers,
    ),
  });
  const options = most === undefined ? {} : { batch: most };
  return (await tower.run([key, ...(layers ?? [])].join(":"), rows, extend, options)).head_contributions;
}

function valuesOf<W>(
  graph: TowerGraph<W>,
  { texts, tokens }: { readonly texts: PartsOptions["texts"]; readonly tokens: boolean },
  { check, readout, scalars: scalarsOf }: TakenApart<W>,
): Record<keyof Parts | "features", Value> {
  check(graph, tokens || texts !== undefined);
  const read = readout(graph);
  const scalars = scalarsOf(graph);
  const directions = texts === "own" ? ownDirections(graph.features, scalars) : texts && input("texts", texts.shape);
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
    features: graph.features,
  } as Record<keyof Parts | "features", Value>;
}

/** Each example's own features, normalised, [B,1,D]. */
function ownDirections(features: Value, { norm }: FrozenScalars): Value {
  const [batch, width] = features.shape as [number, number];
  return reshape(mul(features, norm), [batch, 1, width]);
}
