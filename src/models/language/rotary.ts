/** The angles of rotary positions. Source: Su et al. 2021, "RoFormer", section 3.4.2. */
import { constant } from "../../engine/graph/ops/leaves.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { LanguageConfig } from "./config.js";

export interface RotaryTables<T> {
  /** [N, d/2] each. */
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
  const cos = new Float32Array(count * half);
  const sin = new Float32Array(count * half);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < half; i++) {
      const angle = (start + n) * speeds[i]!;
      cos[n * half + i] = Math.cos(angle);
      sin[n * half + i] = Math.sin(angle);
    }
  }
  const shape = [count, half];
  return { cos: floatTensor(cos, shape), sin: floatTensor(sin, shape) };
}

/** Of the first `count` places, as values of a graph. */
export function rotaryValues(config: Pick<LanguageConfig, "headWidth" | "rotary">, count: number): RotaryTables<Value> {
  const { cos, sin } = rotaryTables(config, 0, count);
  return { cos: constant(cos), sin: constant(sin) };
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
