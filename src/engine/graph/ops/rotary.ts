/** Rotary positions (Su et al. 2021, "RoFormer"); halves of a head's numbers are paired, as in Llama. */
import { sameShape } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { requireFloat } from "./require-float.js";
import { neg } from "./unary.js";

export const rotaryOp: Op<NoAttributes> = {
  name: "rotary",
  infer: (inputs) => {
    requireFloat("rotary", inputs);
    const [x, cos, sin] = inputs as [TensorType, TensorType, TensorType];
    const table = [x.shape[2]!, x.shape.at(-1)! / 2];
    if (x.shape.length !== 4 || ![cos, sin].every(({ shape }) => sameShape(shape, table))) {
      return shapeMismatch("rotary", inputs, "x [B,H,N,d], cosines and sines [N,d/2]");
    }
    return x;
  },
  lower: (to, { inputs: [x, ...tables] }) =>
    to.node("RotaryEmbedding", [x!, to.int64s([0]), ...tables], { interleaved: 0 }, { domain: "com.microsoft" }),
  /** Turned back. */
  gradient: ({ inputs: [, cos, sin] }, upstream) => [rotary(upstream, cos!, neg(sin!)), undefined, undefined],
};

/** Each pair (x_i, x_{i+d/2}) of x [B,H,N,d] turned by an angle of its own: cosines and sines [N,d/2], constants to gradients. */
export function rotary(x: Value, cos: Value, sin: Value): Value {
  return apply(rotaryOp, [x, cos, sin], {});
}
