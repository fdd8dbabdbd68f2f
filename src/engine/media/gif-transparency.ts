const HEADER_BYTES = 13;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const TRANSPARENT = 1;

/**
 * A copy of a GIF whose first frame has no transparent colour, so that a decoder shows the palette's colour there, as
 * Pillow's `convert("RGB")` does, where libvips shows black. Returns `bytes` itself when there is nothing to change.
 * Layout: GIF89a, sections 18, 19 and 23.
 */
export function withoutFirstFrameTransparency(bytes: Uint8Array): Uint8Array {
  const flags = bytes[10] ?? 0;
  let at = HEADER_BYTES + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  while (bytes[at] === EXTENSION) {
    const packed = at + 3;
    if (bytes[at + 1] === GRAPHIC_CONTROL && (bytes[packed] ?? 0) & TRANSPARENT) {
      const opaque = Uint8Array.from(bytes);
      opaque[packed]! &= ~TRANSPARENT;
      return opaque;
    }
    at = afterSubBlocks(bytes, at + 2);
  }
  return bytes;
}

function afterSubBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let size = bytes[at]; size !== undefined && size > 0; size = bytes[at]) at += 1 + size;
  return at + 1;
}
