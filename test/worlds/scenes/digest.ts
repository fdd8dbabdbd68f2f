/** The bytes of scenes, pinned: trained checkpoints and measured figures rest on them. */
export const DIGEST = {
  seed: 2026,
  scenes: 64,
  size: 64,
  sha256: "977089b57a2d26ad93e3d289a7af32486ae9ff7093bf55512eb593394e6b7249",
} as const;
