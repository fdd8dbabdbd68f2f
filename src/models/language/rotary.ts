/** Rotary positions. Source: Su et al. 2021, "RoFormer"; halves of a head's numbers are paired, as in Llama. */
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { concat, slice } from "../../engine/graph/ops/shaping.js";
import { neg } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { LanguageConfig } from "./config.js";

export interface RotaryTables<T> {
  /** [N, d] each. */
  readonly cos: T;
  readonly sin: T;
}

/** Cosines and sines of places `start` to `start + count`. */
export function rotaryTables(
  { headWidth, rotary }: Pick<LanguageConfig, "headWidth" | "rotary">,
  start: number,
  count: number,
): RotaryTables<FloatTensor> {
  const half = headWidth / 2;
  const speeds = Array.from({ length: half }, (_, i) => scaledSpeed(rotary.theta ** (-i / half), rotary));
  const cos = new Float32Array(count * headWidth);
  const sin = new Float32Array(count * headWidth);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < headWidth; i++) {
      const angle = (start + n) * speeds[i % half]!;
      cos[n * headWidth + i] = Math.cos(angle);
      sin[n * headWidth + i] = Math.sin(angle);
    }
  }
  const shape = [count, headWidth];
  return { cos: floatTensor(cos, shape), sin: floatTensor(sin, shape) };
}

/** Radians per token. */
function scaledSpeed(speed: number, { scaling }: LanguageConfig["rotary"]): number {
  if (scaling === undefined) return speed;
  if (scaling.kind === "linear") return speed / scaling.factor;
  const { factor, lowFactor, highFactor, trainedLength } = scaling;
  const turns = (trainedLength * speed) / (2 * Math.PI);
  const share = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
  return share * speed + ((1 - share) * speed) / factor;
}

/** Turns x [B,H,N,d] to its places. */
export function rotate(x: Value, { cos, sin }: RotaryTables<Value>): Value {
  const half = x.shape.at(-1)! / 2;
  const turned = concat([neg(slice(x, 3, half, 2 * half)), slice(x, 3, 0, half)], 3);
  return add(mul(x, cos), mul(turned, sin));
}
