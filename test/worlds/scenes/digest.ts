/** The bytes of scenes, pinned: trained checkpoints and measured figures rest on them. */
export const DIGEST = {
  seed: 2026,
  scenes: 64,
  size: 64,
  sha256: "077525341215dd90e8941e9265c8ce86dd0b5a1e1b201c503633dfcd83c0765e",
} as const;
