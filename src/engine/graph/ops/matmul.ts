/** Matrix products: batched, in linear layers, and along any axes. */
import { sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { sumTo } from "./arithmetic.js";
import { broadcast } from "./broadcast.js";
import { sum } from "./reduce.js";
import { requireFloat } from "./require-float.js";
import { reshape } from "./shaping.js";

interface MatmulAttributes {
  /** Use the last two axes of a (of b) swapped. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Factor on the product. */
  readonly scale: number;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  infer: (inputs, { transposeA, transposeB }) => {
    requireFloat("matmul", inputs);
    const [a, b] = inputs as [TensorType, TensorType];
    const expected = `[…,${transposeA ? "k,m" : "m,k"}] and […,${transposeB ? "n,k" : "k,n"}]`;
    if (a.shape.length < 2 || b.shape.length < 2) return shapeMismatch("matmul", inputs, expected);
    const [m, k] = matrix(a, transposeA);
    const [rows, columns] = matrix(b, transposeB);
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (k !== rows || batch === undefined) return shapeMismatch("matmul", inputs, expected);
    return { dtype: "float32", shape: [...batch, m, columns] };
  },
  lower(to, { inputs, inputTypes, attributes: { transposeA, transposeB, scale } }) {
    const [a, b] = inputs as [string, string];
    const turned = transposeA && isBetterTurned(inputTypes[0]!);
    const operands = [turned ? to.node("Transpose", [a], { perm: [1, 0] }) : a, b];
    const transA = transposeA && !turned;
    if (!transA && !transposeB && scale === 1) return to.node("MatMul", operands);
    const attributes = { transA: Number(transA), transB: Number(transposeB), alpha: { float: scale } };
    return to.node("FusedMatMul", operands, attributes, { domain: "com.microsoft" });
  },
  gradient({ inputs, attributes }, upstream) {
    const [a, b] = inputs as [Value, Value];
    if (b.shape.length === 2 && a.shape.length > 2 && !attributes.transposeA) {
      // One product over all leading axes, where the general way would make one for each and add them up.
      const [da, db] = productGradients(flatten(a), b, flatten(upstream), attributes);
      return [reshape(da, a.shape), db];
    }
    const [da, db] = productGradients(a, b, upstream, attributes);
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  },
};

/**
 * ONNX Runtime turns pieces of a swapped first operand again for every few columns of the product. Where many rows share a short sum, as in
 * weight gradients of wide layers, turning it once is quicker by a sixth; elsewhere it is not.
 */
function isBetterTurned({ shape }: TensorType): boolean {
  return shape.length === 2 && shape[0]! <= 512 && shape[1]! >= 1024;
}

function matrix({ shape }: TensorType, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

function productGradients(
  a: Value,
  b: Value,
  upstream: Value,
  { transposeA, transposeB, scale }: MatmulAttributes,
): [Value, Value] {
  return [
    transposeA
      ? matmul(b, upstream, { transposeA: transposeB, transposeB: true, scale })
      : matmul(upstream, b, { transposeB: !transposeB, scale }),
    transposeB
      ? matmul(upstream, a, { transposeA: true, transposeB: transposeA, scale })
      : matmul(a, upstream, { transposeA: !transposeA, scale }),
  ];
}

/** All axes but the last as one. */
function flatten(x: Value): Value {
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

export const linearOp: Op<NoAttributes> = {
  name: "linear",
  infer: (inputs) => {
    requireFloat("linear", inputs);
    const [x, w, b] = inputs as [TensorType, TensorType, TensorType?];
    const width = w.shape[0];
    const fits = w.shape.length === 2 && x.shape.length >= 2 && x.shape.at(-1) === w.shape[1];
    if (!fits || (b !== undefined && (b.shape.length !== 1 || b.shape[0] !== width))) {
      return shapeMismatch("linear", inputs, "x […,in], weight [out,in], bias [out]");
    }
    return { dtype: "float32", shape: [...x.shape.slice(0, -1), width!] };
  },
  /** One Gemm over all leading axes: the stored [out,in] layout is packed as it is, and the bias is where the sum starts. */
  lower(to, { inputs, inputTypes, type }) {
    const [x, ...weights] = inputs as [string, ...string[]];
    const width = inputTypes[0]!.shape.at(-1)!;
    if (type.shape.length === 2) return to.node("Gemm", inputs, { transB: 1 });
    const flat = to.node("Reshape", [x, to.int64s([-1, width])]);
    const product = to.node("Gemm", [flat, ...weights], { transB: 1 });
    return to.node("Reshape", [product, to.int64s(type.shape)]);
  },
  gradient({ inputs }, upstream) {
    const [x, w] = inputs as [Value, Value];
    const rows = flatten(upstream);
    return [
      reshape(matmul(rows, w), x.shape),
      matmul(rows, flatten(x), { transposeA: true }),
      ...(inputs.length === 3 ? [sum(rows, [0])] : []),
    ];
  },
};

/** `scale` · a @ b over the last two axes, leading axes broadcast. With `transposeA`, a is […,k,m]; with `transposeB`, b is […,n,k]. */
export function matmul(a: Value, b: Value, { transposeA = false, transposeB = false, scale = 1 } = {}): Value {
  return apply(matmulOp, [a, b], { transposeA, transposeB, scale });
}

/** x @ wᵀ + b for x […,in], w [out,in], b [out]: PyTorch's `nn.Linear`. */
export function linear(x: Value, w: Value, b?: Value): Value {
  return apply(linearOp, b === undefined ? [x, w] : [x, w, b], {});
}
