/** The shape of an idempotent generator: a convolutional autoencoder whose input and output are alike. */
import { UsageError } from "../../engine/errors.js";
import type { Shape } from "../../engine/tensor/shape.js";

export interface IdempotentArchitecture {
  /** Side of the pictures in pixels. */
  readonly size: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: 1 | 3;
  /** Channels of the first layer; each further one has twice as many, at most eight times. */
  readonly width: number;
}

/** A convolution, or the transpose of one. */
export interface ConvLayer {
  /** Prefix of the names of its weights and sites: `down.2`. */
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Side of what it gives. */
  readonly side: number;
  /** Whether batch norm follows; else it has a bias. */
  readonly norm: boolean;
}

export interface IdempotentLayers {
  /** From the picture to a grid of {@link GRID} × {@link GRID}. */
  readonly down: readonly ConvLayer[];
  /** From the whole grid to a vector, and back. */
  readonly latent: { readonly channels: number; readonly width: number };
  /** From the grid to the picture. */
  readonly up: readonly ConvLayer[];
}

/** Side of the innermost grid. */
export const GRID = 4;
const MOST_DOUBLINGS = 3;

/**
 * The layers of an architecture. Source: Shocher et al. 2024, "Idempotent Generative Network", appendix A (after Radford et al. 2016, DCGAN): even
 * sides are halved by kernels of 4, odd ones by kernels of 3, so that 28 becomes 14, 7, 4. Throws {@link UsageError} for a size that does not end at 4.
 */
export function layersOf({ size, channels, width }: IdempotentArchitecture): IdempotentLayers {
  const sides = [size];
  while (sides.at(-1)! > GRID) sides.push(Math.ceil(sides.at(-1)! / 2));
  if (!Number.isInteger(size) || sides.length < 2 || sides.at(-1) !== GRID) {
    throw new UsageError({
      what: "unusable size",
      got: String(size),
      expected: "one that halves to 4, such as 16, 28, 32 or 64",
    });
  }
  if (!Number.isInteger(width) || width < 1) {
    throw new UsageError({ what: "unusable width", got: String(width), expected: "a whole number from 1" });
  }
  const channelsAt = (i: number): number => (i === 0 ? channels : width * 2 ** Math.min(i - 1, MOST_DOUBLINGS));
  const down = sides.slice(1).map((side, i): ConvLayer => {
    const kernel = sides[i]! % 2 === 0 ? 4 : 3;
    const [from, to] = [channelsAt(i), channelsAt(i + 1)];
    return { path: `down.${i}`, from, to, kernel, stride: 2, padding: 1, side, norm: i > 0 };
  });
  const up = [...down].reverse().map(({ from, to, kernel }, i, all): ConvLayer => {
    const isLast = i === all.length - 1;
    const side = sides[sides.length - 2 - i]!;
    return { path: `up.${i}`, from: to, to: from, kernel, stride: 2, padding: 1, side, norm: !isLast };
  });
  const inner = channelsAt(sides.length - 1);
  return { down, latent: { channels: inner, width: inner }, up };
}

/** All weights by name, in the order of the model: convolutions in PyTorch's layouts. */
export function weightShapes(architecture: IdempotentArchitecture): Map<string, Shape> {
  const { down, latent, up } = layersOf(architecture);
  const shapes = new Map<string, Shape>();
  const norm = (path: string, channels: number): void => {
    shapes.set(`${path}.norm.weight`, [channels]).set(`${path}.norm.bias`, [channels]);
  };
  for (const { path, from, to, kernel, norm: hasNorm } of down) {
    shapes.set(`${path}.conv.weight`, [to, from, kernel, kernel]);
    if (hasNorm) norm(path, to);
    else shapes.set(`${path}.conv.bias`, [to]);
  }
  shapes.set("latent.in.weight", [latent.width, latent.channels, GRID, GRID]);
  shapes.set("latent.in.bias", [latent.width]);
  shapes.set("latent.out.weight", [latent.width, latent.channels, GRID, GRID]);
  norm("latent.out", latent.channels);
  for (const { path, from, to, kernel, norm: hasNorm } of up) {
    shapes.set(`${path}.conv.weight`, [from, to, kernel, kernel]);
    if (hasNorm) norm(path, to);
    else shapes.set(`${path}.conv.bias`, [to]);
  }
  return shapes;
}

/** The layers with batch norm, in the order of the model, with their channels. */
export function normedLayers(
  architecture: IdempotentArchitecture,
): { readonly path: string; readonly channels: number }[] {
  return [...weightShapes(architecture)].flatMap(([name, [channels]]) =>
    name.endsWith(".norm.bias") ? [{ path: name.slice(0, -".norm.bias".length), channels: channels! }] : [],
  );
}
