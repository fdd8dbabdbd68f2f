import { createHash } from "node:crypto";
import type { PackedPictures } from "./picture-rows.js";

/** SHA-256 in hex of all that makes the pictures and labels what they are. */
export function packedDigest({
  levels,
  labels,
  channels,
  size,
  classes,
}: Omit<PackedPictures, "description" | "identity">): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([channels, size, classes]))
    .update(levels);
  if (labels !== undefined) hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  return hash.digest("hex");
}
