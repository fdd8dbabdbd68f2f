/**
 * The weights of CLIP's two towers under one set of names, whatever checkpoint they come from.
 *
 * @file `T` is {@link StoredTensor} for weights at rest and {@link Value} for weights in a graph. Letters: D width of the
 * tower, F width of the MLP, N tokens, d_out width of the shared space.
 */
import type { StoredTensor } from "../../engine/tensor/stored.js";

export interface Norm<T> {
  /** [D] */
  readonly gamma: T;
  /** [D] */
  readonly beta: T;
}

export interface Linear<T> {
  /** [out, in] */
  readonly weight: T;
  /** [out] */
  readonly bias: T;
}

export interface BlockWeights<T> {
  readonly norm1: Norm<T>;
  readonly q: Linear<T>;
  readonly k: Linear<T>;
  readonly v: Linear<T>;
  readonly out: Linear<T>;
  readonly norm2: Norm<T>;
  readonly fc1: Linear<T>;
  readonly fc2: Linear<T>;
  /** LayerScale factors [D] on what attention and MLP write, where the model has them. */
  readonly scale1?: T;
  readonly scale2?: T;
}

export interface VisionWeights<T> {
  /** [D] */
  readonly classEmbedding: T;
  /** [D, 3, p, p] */
  readonly patch: T;
  /** [N, D], the class token first. */
  readonly position: T;
  readonly preNorm: Norm<T>;
  readonly blocks: readonly BlockWeights<T>[];
  readonly postNorm: Norm<T>;
  readonly projection: Projection<T>;
}

export interface TextWeights<T> {
  /** [vocabulary, D] */
  readonly tokens: T;
  /** [context, D] */
  readonly position: T;
  readonly blocks: readonly BlockWeights<T>[];
  readonly finalNorm: Norm<T>;
  readonly projection: Projection<T>;
}

/** The map into the shared space, stored as [D, d_out] ("in-out") or [d_out, D] ("out-in"). */
export interface Projection<T> {
  readonly weight: T;
  readonly order: "in-out" | "out-in";
}

export interface TowerWeights<T> {
  readonly vision: VisionWeights<T>;
  /** Absent in vision-only checkpoints. */
  readonly text?: TextWeights<T>;
}

export interface ClipWeights extends TowerWeights<StoredTensor> {
  /** Scalar (or [1]): log of the factor on cosine similarities. */
  readonly logitScale?: StoredTensor;
}

/** Applies `f` to every tensor of a weights record, keeping its structure. */
export function mapWeights<A extends object, B, W>(
  weights: W,
  isLeaf: (x: unknown) => x is A,
  f: (x: A) => B,
): Mapped<W, A, B> {
  const visit = (node: unknown): unknown => {
    if (isLeaf(node)) return f(node);
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
    }
    return node;
  };
  return visit(weights) as Mapped<W, A, B>;
}

type Mapped<W, A, B> = W extends A
  ? B
  : W extends readonly (infer E)[]
    ? readonly Mapped<E, A, B>[]
    : W extends object
      ? { readonly [K in keyof W]: Mapped<W[K], A, B> }
      : W;
