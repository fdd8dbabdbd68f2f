/**
 * The weights of a model's towers under one set of names, whatever checkpoint they come from.
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
  /** What the activated values are multiplied by, where the MLP is gated (SwiGLU). */
  readonly fc1Linear?: Linear<T>;
  readonly fc2: Linear<T>;
  /** LayerScale factors [D] on what attention and MLP write, where the model has them. */
  readonly scale1?: T;
  readonly scale2?: T;
}

/** What turns the tokens into one vector by attention (SigLIP): of one learnt query, all tokens are keys and values. */
export interface PoolWeights<T> extends Pick<BlockWeights<T>, "q" | "k" | "v" | "out" | "fc1" | "fc2"> {
  /** [1, D] */
  readonly probe: T;
  /** Before the MLP. */
  readonly norm: Norm<T>;
}

export interface VisionWeights<T> {
  /** [D]; absent where no token stands for the whole picture. */
  readonly classEmbedding?: T;
  /** [R, D]: tokens between the class token and the patches, without places. */
  readonly registers?: T;
  /** [D, 3, p, p] */
  readonly patch: T;
  /** [D] */
  readonly patchBias?: T;
  /** [1 + g², D] with the class token first, or [g², D] for patches alone. */
  readonly position: T;
  readonly preNorm?: Norm<T>;
  readonly blocks: readonly BlockWeights<T>[];
  readonly postNorm: Norm<T>;
  /** Absent where the class token is read. */
  readonly pool?: PoolWeights<T>;
  readonly projection: Projection<T>;
}

/** At rest, there may be no projection: the features are then as wide as the tower. */
export type StoredVisionWeights = Omit<VisionWeights<StoredTensor>, "projection"> &
  Partial<Pick<VisionWeights<StoredTensor>, "projection">>;

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
  /** [d_out] */
  readonly bias?: T;
  /** That `weight` is the unit matrix, so that products with it can be left out. */
  readonly identity?: true;
}

export interface TowerWeights<T> {
  readonly vision: VisionWeights<T>;
  /** Absent in vision-only checkpoints. */
  readonly text?: TextWeights<T>;
}

export interface ClipWeights {
  readonly vision: StoredVisionWeights;
  readonly text?: TextWeights<StoredTensor>;
  /** Scalar (or [1]): log of the factor on cosine similarities. */
  readonly logitScale?: StoredTensor;
  /** Scalar (or [1]): what is added to the scaled cosines where each text is judged by itself (SigLIP). */
  readonly logitBias?: StoredTensor;
}

export function isStored(node: unknown): node is StoredTensor {
  return typeof node === "object" && node !== null && "dtype" in node && "bytes" in node;
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
