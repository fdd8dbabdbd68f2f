import { UsageError } from "../errors.js";
import { checkSide } from "./resize.js";

export type Upsampling = "nearest" | "bilinear";

export interface GridSize {
  readonly height: number;
  readonly width: number;
}

/**
 * Resamples a map [h,w] to [H,W] as torch's `interpolate` does (bilinear with `align_corners=False`; no antialiasing when
 * the target is smaller). Throws UsageError when the values do not fill the grid or a size is not a whole number from 1.
 */
export function upsample(values: Float32Array, from: GridSize, to: GridSize, mode: Upsampling): Float32Array {
  checkGrid(values, from);
  checkSide("width", to.width);
  checkSide("height", to.height);
  const sample = mode === "nearest" ? nearestAxis : linearAxis;
  const columns = sample(from.width, to.width);
  const rows = sample(from.height, to.height);
  const out = new Float32Array(to.height * to.width);
  rows.forEach(({ low: top, high: bottom, blend: down }, y) => {
    columns.forEach(({ low: left, high: right, blend: across }, x) => {
      const at = (row: number, column: number) => values[row * from.width + column]!;
      const upper = mix(at(top, left), at(top, right), across);
      const lower = mix(at(bottom, left), at(bottom, right), across);
      out[y * to.width + x] = mix(upper, lower, down);
    });
  });
  return out;
}

export function checkGrid(values: Float32Array, { width, height }: GridSize): void {
  checkSide("grid width", width);
  checkSide("grid height", height);
  if (values.length === width * height) return;
  const expected = `${height}×${width} = ${width * height}`;
  throw new UsageError({ what: "the values do not fill the grid", got: `${values.length} values`, expected });
}

/** Which two source positions an output position lies between, and how far along (0 to 1). */
interface Sample {
  readonly low: number;
  readonly high: number;
  readonly blend: number;
}

function nearestAxis(from: number, to: number): Sample[] {
  const scale = Math.fround(from / to);
  return Array.from({ length: to }, (_, i) => {
    const low = Math.min(from - 1, Math.floor(Math.fround(i * scale)));
    return { low, high: low, blend: 0 };
  });
}

/** Pixel centres lie at half-integers; positions before the first centre take its value. */
function linearAxis(from: number, to: number): Sample[] {
  return Array.from({ length: to }, (_, i) => {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(from - 1, Math.floor(position));
    return { low, high: Math.min(from - 1, low + 1), blend: position - low };
  });
}

/** A blend of 0 takes `a` alone, so that a NaN or infinity beside it does not spread. */
function mix(a: number, b: number, blend: number): number {
  return blend === 0 ? a : a * (1 - blend) + b * blend;
}
