/** The bytes of faces, pinned: trained checkpoints and measured figures rest on them. */
export const FACE_DIGEST = {
  seed: 2026,
  faces: 48,
  size: 64,
  sha256: "39cc22665ee691c5210f9d66537dc0729ef18188df03b072a540654cd118f69e",
} as const;
