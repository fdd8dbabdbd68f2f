export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Frames of an animated PNG; 1 for a still picture. */
  readonly frames: number;
}

const SIGNATURE_BYTES = 8;
const IHDR_END = 33;

/**
 * Reads what sharp does not report: sizes that libpng refuses, and the frame count of an animated PNG.
 * Null when the first chunk is not a header. Layout: PNG (third edition), sections 5, 11.2.1, 11.3.6.1.
 */
export function readPngHeader(bytes: Uint8Array): PngHeader | null {
  if (bytes.length < IHDR_END || chunkType(bytes, SIGNATURE_BYTES) !== "IHDR") return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20), frames: countFrames(bytes, view) };
}

/** An animation's `acTL` chunk must come before the first `IDAT`. */
function countFrames(bytes: Uint8Array, view: DataView): number {
  for (let at = IHDR_END; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = chunkType(bytes, at);
    if (type === "acTL") return Math.max(1, view.getUint32(at + 8));
    if (type === "IDAT") break;
  }
  return 1;
}

function chunkType(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at + 4, at + 8));
}
