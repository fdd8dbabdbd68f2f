/** Scaled dot-product attention as one op, for models that nobody looks into: its inner values are no sites. */
import { sameShape } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import { apply, type Op, type TensorType, type Value } from "../value.js";
import { add, mul, sub } from "./arithmetic.js";
import { broadcast } from "./broadcast.js";
import { matmul } from "./matmul.js";
import { softmax } from "./normalise.js";
import { sum } from "./reduce.js";
import { requireFloat } from "./require-float.js";

interface AttentionAttributes {
  /** Factor on the products of queries and keys. */
  readonly scale: number;
}

export const attentionOp: Op<AttentionAttributes> = {
  name: "attention",
  infer: (inputs) => {
    requireFloat("attention", inputs);
    const [q, k, v, mask] = inputs as [TensorType, TensorType, TensorType, TensorType?];
    const [rows, columns] = [q.shape.at(-2)!, k.shape.at(-2)!];
    const scores = [...q.shape.slice(0, -2), rows, columns];
    const alike = (a: TensorType, b: TensorType, last: number): boolean =>
      sameShape(a.shape.slice(0, last), b.shape.slice(0, last));
    const fits = q.shape.length >= 3 && alike(q, k, -2) && q.shape.at(-1) === k.shape.at(-1) && alike(k, v, -1);
    if (!fits || (mask !== undefined && broadcast(scores, mask.shape)?.join() !== scores.join())) {
      return shapeMismatch(
        "attention",
        inputs,
        "q […,N,d], k […,M,d], v […,M,e] and a mask that broadcasts to […,N,M]",
      );
    }
    return { dtype: "float32", shape: [...scores.slice(0, -1), v.shape.at(-1)!] };
  },
  lower(to, { inputs, attributes }) {
    const [q, k, v, mask] = inputs as [string, string, string, string?];
    const fused = { transA: 0, transB: 1, alpha: { float: attributes.scale } };
    const products = to.node("FusedMatMul", [q, k], fused, { domain: "com.microsoft" });
    const scores = mask === undefined ? products : to.node("Add", [products, mask]);
    return to.node("MatMul", [to.node("Softmax", [scores], { axis: -1 }), v]);
  },
  /** The sum of pattern · d(pattern) over a row equals that of z · d(z), which is shorter. Dao et al. 2022, section B.2. */
  gradient(result, upstream) {
    const [q, k, v, mask] = result.inputs as [Value, Value, Value, Value?];
    const { scale } = result.attributes;
    const products = matmul(q, k, { transposeB: true, scale });
    const pattern = softmax(mask === undefined ? products : add(products, mask));
    const rowSums = sum(mul(upstream, result), [-1], { keepDims: true });
    const scores = mul(pattern, sub(matmul(upstream, v, { transposeB: true }), rowSums));
    return [
      matmul(scores, k, { scale }),
      matmul(scores, q, { transposeA: true, scale }),
      matmul(pattern, upstream, { transposeA: true }),
      undefined,
    ];
  },
};

export interface AttentionOptions {
  /** Added to the scores; a constant to gradients. Broadcasts to […,N,M]. */
  readonly mask?: Value;
  /** By default 1/√d. */
  readonly scale?: number;
}

/** softmax(scale · q kᵀ + mask) v for q […,N,d], k […,M,d], v […,M,e]. */
export function attention(
  q: Value,
  k: Value,
  v: Value,
  { mask, scale = q.shape.at(-1)! ** -0.5 }: AttentionOptions = {},
): Value {
  return apply(attentionOp, mask === undefined ? [q, k, v] : [q, k, v, mask], { scale });
}
