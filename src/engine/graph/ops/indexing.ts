/** Look-ups by integer index. */
import { shapeMismatch } from "../errors.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";

export const gatherOp: Op<NoAttributes> = {
  name: "gather",
  infer: (inputs) => {
    const [table, indices] = inputs as [TensorType, TensorType];
    if (indices.dtype !== "int32" || table.shape.length === 0) {
      return shapeMismatch("gather", inputs, "a table [n,…] and int32 indices");
    }
    return { dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] };
  },
  lower: (to, { inputs }) => to.node("Gather", inputs, { axis: 0 }),
};

export const gatherPerRowOp: Op<NoAttributes> = {
  name: "gatherPerRow",
  infer: (inputs) => {
    const [x, indices] = inputs as [TensorType, TensorType];
    const fits = x.shape.length >= 2 && indices.shape.length === 1 && indices.shape[0] === x.shape[0];
    if (!fits || indices.dtype !== "int32") {
      return shapeMismatch("gatherPerRow", inputs, "x [B,N,…] and int32 indices [B]");
    }
    return { dtype: x.dtype, shape: [x.shape[0]!, ...x.shape.slice(2)] };
  },
  lower(to, { inputs, inputTypes }) {
    const [x, indices] = inputs as [string, string];
    const wide = to.node("Cast", [indices], { to: 7 });
    const column = to.node("Reshape", [wide, to.int64s([inputTypes[1]!.shape[0]!, 1])]);
    return to.node("GatherND", [x, column], { batch_dims: 1 });
  },
};

/** Rows of `table` [n,…] at int32 `indices` of any shape: an embedding look-up. */
export const gather = (table: Value, indices: Value): Value => apply(gatherOp, [table, indices], {});

/** For each b: x[b, indices[b]]; x [B,N,…], indices int32 [B]. */
export const gatherPerRow = (x: Value, indices: Value): Value => apply(gatherPerRowOp, [x, indices], {});
