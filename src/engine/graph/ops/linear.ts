/** Contractions: batched matrix products, linear layers, convolution. */
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { broadcast } from "./elementwise.js";
import { requireFloat } from "./require-float.js";

interface MatmulAttributes {
  /** Use the last two axes of b swapped. */
  readonly transposeB: boolean;
  /** Factor on the product. */
  readonly scale: number;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  infer: (inputs, { transposeB }) => {
    requireFloat("matmul", inputs);
    const [a, b] = inputs as [TensorType, TensorType];
    const expected = `[…,m,k] and […,${transposeB ? "n,k" : "k,n"}]`;
    if (a.shape.length < 2 || b.shape.length < 2) return shapeMismatch("matmul", inputs, expected);
    const [m, k] = a.shape.slice(-2) as [number, number];
    const [rows, columns] = b.shape.slice(-2) as [number, number];
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (k !== (transposeB ? columns : rows) || batch === undefined) return shapeMismatch("matmul", inputs, expected);
    return { dtype: "float32", shape: [...batch, m, transposeB ? rows : columns] };
  },
  lower(to, { inputs, attributes: { transposeB, scale } }) {
    if (!transposeB && scale === 1) return to.node("MatMul", inputs);
    const attributes = { transB: Number(transposeB), alpha: { float: scale } };
    return to.node("FusedMatMul", inputs, attributes, { domain: "com.microsoft" });
  },
};

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
};

interface Conv2dAttributes {
  readonly stride: number;
}

export const conv2dOp: Op<Conv2dAttributes> = {
  name: "conv2d",
  infer: (inputs, { stride }) => {
    requireFloat("conv2d", inputs);
    const [x, w] = inputs as [TensorType, TensorType];
    const expected = "x [B,C,H,W] and weight [out,C,h,w] no larger than the picture";
    if (x.shape.length !== 4 || w.shape.length !== 4) return shapeMismatch("conv2d", inputs, expected);
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const [out, depth, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
    if (depth !== channels || kernelHeight > height || kernelWidth > width) {
      return shapeMismatch("conv2d", inputs, expected);
    }
    const steps = (length: number, kernel: number): number => Math.floor((length - kernel) / stride) + 1;
    return { dtype: "float32", shape: [batch, out, steps(height, kernelHeight), steps(width, kernelWidth)] };
  },
  lower: (to, { inputs, attributes: { stride } }) => to.node("Conv", inputs, { strides: [stride, stride] }),
};

/** `scale` · a @ b over the last two axes, leading axes broadcast. With `transposeB`, b is […,n,k]. */
export function matmul(a: Value, b: Value, { transposeB = false, scale = 1 } = {}): Value {
  return apply(matmulOp, [a, b], { transposeB, scale });
}

/** x @ wᵀ + b for x […,in], w [out,in], b [out]: PyTorch's `nn.Linear`. */
export function linear(x: Value, w: Value, b?: Value): Value {
  return apply(linearOp, b === undefined ? [x, w] : [x, w, b], {});
}

/** Cross-correlation without padding of x [B,C,H,W] with w [out,C,h,w]. */
export function conv2d(x: Value, w: Value, { stride }: { readonly stride: number }): Value {
  return apply(conv2dOp, [x, w], { stride });
}
