/** A picture on the host: 8-bit RGB, row-major, channels interleaved, no padding. Treat it as immutable. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** height · width · 3 bytes. */
  readonly data: Uint8Array;
}

/** Wraps `data` (not copied) as an image. Throws a RangeError when the sizes differ. */
export function rgbImage(width: number, height: number, data: Uint8Array): RgbImage {
  if (data.length !== width * height * 3) {
    throw new RangeError(`${data.length} bytes do not fill an RGB image of ${width}×${height}`);
  }
  return { width, height, data };
}
