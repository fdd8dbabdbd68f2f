/** Values that are not computed: inputs, constants and stored weights. */
import type { DType } from "../../tensor/dtype.js";
import { type Shape, sameShape } from "../../tensor/shape.js";
import type { StoredTensor } from "../../tensor/stored.js";
import { floatTensor, type Tensor } from "../../tensor/tensor.js";
import { apply, type Op, type Value } from "../value.js";

export const inputOp: Op<{ readonly name: string; readonly dtype: DType; readonly shape: Shape }> = {
  name: "input",
  infer: (_inputs, { dtype, shape }) => ({ dtype, shape }),
  lower: (to, { attributes, type }) => to.input(attributes.name, type),
  gradient: "none",
};

export const constantOp: Op<{ readonly tensor: Tensor }> = {
  name: "constant",
  infer: (_inputs, { tensor }) => ({ dtype: tensor.dtype, shape: tensor.shape }),
  lower: (to, { attributes }) => to.constant(attributes.tensor),
  gradient: "none",
};

/** Whatever its stored type, a weight enters the graph as float32: the cast is folded when the program is made. */
export const weightOp: Op<{ readonly stored: StoredTensor; readonly shape: Shape }> = {
  name: "weight",
  infer: (_inputs, { shape }) => ({ dtype: "float32", shape }),
  lower(to, { attributes: { stored, shape } }) {
    const name = to.stored(stored);
    const cast = stored.dtype === "F32" ? name : to.cast(name, "float32");
    return sameShape(stored.shape, shape) ? cast : to.node("Reshape", [cast, to.int64s(shape)]);
  },
  gradient: "none",
};

/** A tensor given at each run. `name` is its key in `run({...})`. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Value {
  return apply(inputOp, [], { name, dtype, shape });
}

/** A tensor that is part of the program: small tables, scalars. A number becomes a float32 scalar. */
export function constant(data: Tensor | number): Value {
  const tensor = typeof data === "number" ? floatTensor(Float32Array.of(data), []) : data;
  return apply(constantOp, [], { tensor });
}

/** A tensor of a checkpoint as float32 (any stored type); it stays where it is stored until a program maps it. */
export function weight(stored: StoredTensor, shape: Shape = stored.shape): Value {
  return apply(weightOp, [], { stored, shape });
}
