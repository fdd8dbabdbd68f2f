/** A linear map whose weights are stored in 4 or 8 bits and widened block by block as they are used. */
import { blockBytes, type Quantisation } from "../../tensor/quantise.js";
import { sameShape } from "../../tensor/shape.js";
import type { StoredTensor } from "../../tensor/stored.js";
import { shapeMismatch } from "../errors.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { requireFloat } from "./require-float.js";

/** A matrix [out, in] of weights; see `quantiseRows`. */
export interface QuantisedMatrix extends Quantisation {
  /** [out, in] */
  readonly shape: readonly [number, number];
  /** U8 [out, blocks, bytes of a block] */
  readonly packed: StoredTensor;
  /** [out, blocks] */
  readonly scales: StoredTensor;
  /**
   * How precisely it is multiplied with: by default in float32; with `"int8"`, each block of x is rounded to 8 bits as it is used, which is
   * several times as fast for few rows, and changes a product by about 0.5% of its size.
   */
  readonly products?: "float32" | "int8";
}

/** What ONNX Runtime calls int8. */
const INT8_LEVEL = 4;

export const quantisedLinearOp: Op<QuantisedMatrix> = {
  name: "quantisedLinear",
  infer: (inputs, { shape: [out, width], packed, scales, ...form }) => {
    requireFloat("quantisedLinear", inputs);
    const [x] = inputs as [TensorType];
    const blocks = Math.ceil(width / form.block);
    const fits =
      x.shape.at(-1) === width &&
      sameShape(packed.shape, [out, blocks, blockBytes(form)]) &&
      sameShape(scales.shape, [out, blocks]);
    if (!fits) return shapeMismatch("quantisedLinear", inputs, `x […,${width}] for weights [${out},${width}]`);
    return { dtype: "float32", shape: [...x.shape.slice(0, -1), out] };
  },
  lower(to, { inputs, attributes: { bits, block, shape, packed, scales, products } }) {
    const [out, width] = shape;
    const stored = to.stored(scales);
    const widened = scales.dtype === "F32" ? stored : to.cast(stored, "float32");
    const attributes = {
      K: width,
      N: out,
      bits,
      block_size: block,
      ...(products === "int8" ? { accuracy_level: INT8_LEVEL } : {}),
    };
    return to.node("MatMulNBits", [inputs[0]!, to.stored(packed), widened], attributes, { domain: "com.microsoft" });
  },
  gradient: "none",
};

/** x […,in] times the transposed matrix [out,in]: […,out]. Nothing flows back through it. */
export function quantisedLinear(x: Value, matrix: QuantisedMatrix): Value {
  return apply(quantisedLinearOp, [x], matrix);
}
