/**
 * The published vision transformers of CLIP.
 *
 * @file Source: the model configurations of OpenAI CLIP and OpenCLIP. Sizes of a loaded model always come from its
 * weights; this table gives what weights cannot tell (heads) where no configuration does, and random models for `bench`.
 */

export interface Architecture {
  readonly vision: TowerSizes & { readonly imageSize: number; readonly patchSize: number };
  readonly text: TowerSizes;
  /** Width of the space that pictures and texts share. */
  readonly features: number;
}

export interface TowerSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Width of the MLP. */
  readonly hidden: number;
}

const TEXT_512 = { layers: 12, width: 512, heads: 8, hidden: 2048 };
const TEXT_768 = { layers: 12, width: 768, heads: 12, hidden: 3072 };
const TEXT_1024 = { layers: 24, width: 1024, heads: 16, hidden: 4096 };
const BASE = { layers: 12, width: 768, heads: 12, hidden: 3072, imageSize: 224 };
const LARGE = { layers: 24, width: 1024, heads: 16, hidden: 4096, patchSize: 14 };

export const ARCHITECTURES = {
  "vit-b-32": { vision: { ...BASE, patchSize: 32 }, text: TEXT_512, features: 512 },
  "vit-b-16": { vision: { ...BASE, patchSize: 16 }, text: TEXT_512, features: 512 },
  "vit-l-14": { vision: { ...LARGE, imageSize: 224 }, text: TEXT_768, features: 768 },
  "vit-l-14-336": { vision: { ...LARGE, imageSize: 336 }, text: TEXT_768, features: 768 },
  "vit-h-14": {
    vision: { layers: 32, width: 1280, heads: 16, hidden: 5120, imageSize: 224, patchSize: 14 },
    text: TEXT_1024,
    features: 1024,
  },
  "vit-g-14": {
    vision: { layers: 40, width: 1408, heads: 16, hidden: 6144, imageSize: 224, patchSize: 14 },
    text: TEXT_1024,
    features: 1024,
  },
  "vit-bigg-14": {
    vision: { layers: 48, width: 1664, heads: 16, hidden: 8192, imageSize: 224, patchSize: 14 },
    text: { layers: 32, width: 1280, heads: 20, hidden: 5120 },
    features: 1280,
  },
} as const satisfies Record<string, Architecture>;

/** Heads of the published tower of this width and depth, if there is one. */
export function publishedHeads(tower: "vision" | "text", width: number, layers: number): number | undefined {
  const all: readonly Architecture[] = Object.values(ARCHITECTURES);
  return all.map((architecture) => architecture[tower]).find((t) => t.width === width && t.layers === layers)?.heads;
}

/** For demonstrations and tests: small enough to come with the package. */
export const TINY: Architecture = {
  vision: { layers: 4, width: 128, heads: 4, hidden: 512, imageSize: 128, patchSize: 16 },
  text: { layers: 2, width: 64, heads: 2, hidden: 256 },
  features: 64,
};
