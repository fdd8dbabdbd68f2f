/** Resampling filters with Pillow's names and definitions: weight by distance in (scaled) source pixels, zero past `support`. */
export type ResizeFilter = "box" | "bilinear" | "bicubic" | "lanczos";
/** Also without any mixing: for labels. */
export type Resampling = ResizeFilter | "nearest";

export interface FilterKernel {
  readonly support: number;
  weight(distance: number): number;
}

export const FILTER_KERNELS: Readonly<Record<ResizeFilter, FilterKernel>> = {
  // Half-open, so that a sample on the edge between two pixels counts for one of them only.
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Keys' cubic convolution at a distance from 0. Pillow's a is -0.5; torch's and OpenCV's is -0.75. */
export function cubic(x: number, a = -0.5): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}
