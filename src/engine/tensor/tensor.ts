import type { DType } from "./dtype.js";
import { type Shape, showShape, sizeOf } from "./shape.js";

export interface TensorData {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
}

/** A dense row-major array on the host. Treat it as immutable: programs and caches share the buffer. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: TensorData[D];
}

export type FloatTensor = Tensor<"float32">;

/** Wraps `data` (not copied) as a float32 tensor. Throws a RangeError when the sizes differ. */
export function floatTensor(data: Float32Array, shape: Shape): FloatTensor {
  return checked({ dtype: "float32", shape, data });
}

/** Wraps `data` (not copied) as an int32 tensor. Throws a RangeError when the sizes differ. */
export function intTensor(data: Int32Array, shape: Shape): Tensor<"int32"> {
  return checked({ dtype: "int32", shape, data });
}

function checked<T extends Tensor>(tensor: T): T {
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw new RangeError(`${tensor.data.length} elements do not fill a tensor of shape ${showShape(tensor.shape)}`);
  }
  return tensor;
}
