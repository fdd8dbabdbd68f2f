/** The bytes of glyphs, pinned: trained checkpoints and measured figures rest on them. */
export const GLYPH_DIGEST = {
  seed: 2026,
  rows: 256,
  size: 28,
  sha256: "480814f2f6b9af1ab2553368e84fbc6b8f4a8c8768e38cd137732fd3b4820016",
} as const;
