/** Look-ups by integer index, and the sums that undo them. */
import { sameShape } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import type { Lowering } from "../lowering.js";
import { apply, type NoAttributes, type Op, type TensorType, type Value } from "../value.js";
import { requireFloat } from "./require-float.js";

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
  gradient: ({ inputs: [table, indices] }, upstream) => [scatterAdd(upstream, indices!, table!.shape[0]!), undefined],
};

export const scatterAddOp: Op<{ readonly length: number }> = {
  name: "scatterAdd",
  infer: (inputs, { length }) => {
    const [rows, indices] = inputs as [TensorType, TensorType];
    const rank = indices.shape.length;
    if (indices.dtype !== "int32" || !sameShape(rows.shape.slice(0, rank), indices.shape)) {
      return shapeMismatch("scatterAdd", inputs, "rows [i,…] and int32 indices [i]");
    }
    return { dtype: rows.dtype, shape: [length, ...rows.shape.slice(rank)] };
  },
  lower(to, { inputs, inputTypes, type }) {
    const [rows, indices] = inputs as [string, string];
    const columns = to.node("Reshape", [to.cast(indices, "int64"), to.int64s([...inputTypes[1]!.shape, 1])]);
    return to.node("ScatterND", [to.filled(0, type.shape), columns, rows], { reduction: "add" });
  },
  gradient: ({ inputs: [, indices] }, upstream) => [gather(upstream, indices!), undefined],
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
    const column = to.node("Reshape", [to.cast(indices, "int64"), to.int64s([inputTypes[1]!.shape[0]!, 1])]);
    return to.node("GatherND", [x, column], { batch_dims: 1 });
  },
  gradient: ({ inputs: [x, indices] }, upstream) => [scatterPerRow(upstream, indices!, x!.shape[1]!), undefined],
};

export const scatterPerRowOp: Op<{ readonly length: number }> = {
  name: "scatterPerRow",
  infer: (inputs, { length }) => {
    const [rows, indices] = inputs as [TensorType, TensorType];
    const fits = indices.shape.length === 1 && rows.shape.length >= 1 && indices.shape[0] === rows.shape[0];
    if (!fits || indices.dtype !== "int32") {
      return shapeMismatch("scatterPerRow", inputs, "rows [B,…] and int32 indices [B]");
    }
    return { dtype: rows.dtype, shape: [rows.shape[0]!, length, ...rows.shape.slice(1)] };
  },
  lower(to, { inputs, type }) {
    const [rows, indices] = inputs as [string, string];
    const count = type.shape[0]!;
    const column = to.int64s([count, 1]);
    const numbers = to.node("Reshape", [to.int64s(Array.from({ length: count }, (_, i) => i)), column]);
    const places = to.node("Concat", [numbers, to.node("Reshape", [to.cast(indices, "int64"), column])], { axis: 1 });
    return to.node("ScatterND", [to.filled(0, type.shape), places, rows]);
  },
  gradient: ({ inputs: [, indices] }, upstream) => [gatherPerRow(upstream, indices!), undefined],
};

export const gatherLastOp: Op<NoAttributes> = {
  name: "gatherLast",
  infer: (inputs) => {
    const [x, indices] = inputs as [TensorType, TensorType];
    if (indices.dtype !== "int32" || !sameShape(x.shape.slice(0, -1), indices.shape.slice(0, -1))) {
      return shapeMismatch("gatherLast", inputs, "x […,n] and int32 indices […,k]");
    }
    return { dtype: x.dtype, shape: indices.shape };
  },
  lower: (to, { inputs: [x, indices] }) => to.node("GatherElements", [x!, indices!], { axis: -1 }),
  gradient: ({ inputs: [x, indices] }, upstream) => [scatterAddLast(upstream, indices!, x!.shape.at(-1)!), undefined],
};

export const scatterAddLastOp: Op<{ readonly length: number }> = {
  name: "scatterAddLast",
  infer: (inputs, { length }) => {
    const [x, indices] = inputs as [TensorType, TensorType];
    if (indices.dtype !== "int32" || !sameShape(x.shape, indices.shape)) {
      return shapeMismatch("scatterAddLast", inputs, "x […,k] and int32 indices […,k]");
    }
    return { dtype: x.dtype, shape: [...x.shape.slice(0, -1), length] };
  },
  lower(to, { inputs, type }) {
    const [x, indices] = inputs as [string, string];
    return to.node("ScatterElements", [to.filled(0, type.shape), indices, x], { axis: -1, reduction: "add" });
  },
  gradient: ({ inputs: [, indices] }, upstream) => [gatherLast(upstream, indices!), undefined],
};

interface TopKAttributes {
  readonly k: number;
  readonly largest: boolean;
}

const inferTopK =
  (name: string, dtype: "float32" | "int32") =>
  (inputs: readonly TensorType[], { k }: TopKAttributes): TensorType => {
    requireFloat(name, inputs);
    const [x] = inputs as [TensorType];
    if (x.shape.length === 0 || k < 1 || k > x.shape.at(-1)!) {
      return shapeMismatch(name, inputs, `at least ${k} elements on the last axis`);
    }
    return { dtype, shape: [...x.shape.slice(0, -1), k] };
  };

function lowerTopK(to: Lowering, x: string, { k, largest }: TopKAttributes): readonly string[] {
  return to.node("TopK", [x, to.int64s([k])], { largest: Number(largest) }, { outputs: 2 });
}

export const topKOp: Op<TopKAttributes> = {
  name: "topK",
  infer: inferTopK("topK", "float32"),
  lower: (to, { inputs, attributes }) => lowerTopK(to, inputs[0]!, attributes)[0]!,
  gradient: ({ inputs: [x], attributes }, upstream) => [
    scatterAddLast(upstream, apply(topKIndicesOp, [x!], attributes), x!.shape.at(-1)!),
  ],
};

export const topKIndicesOp: Op<TopKAttributes> = {
  name: "topKIndices",
  infer: inferTopK("topKIndices", "int32"),
  lower: (to, { inputs, attributes }) => to.cast(lowerTopK(to, inputs[0]!, attributes)[1]!, "int32"),
  gradient: "none",
};

/** Rows of `table` [n,…] at int32 `indices` of any shape: an embedding look-up. */
export const gather = (table: Value, indices: Value): Value => apply(gatherOp, [table, indices], {});

/** Sums of the rows that share an index: [length,…] of rows [i,…] and int32 indices [i] of any shape. */
export function scatterAdd(rows: Value, indices: Value, length: number): Value {
  return apply(scatterAddOp, [rows, indices], { length });
}

/** For each b: x[b, indices[b]]; x [B,N,…], indices int32 [B]. */
export const gatherPerRow = (x: Value, indices: Value): Value => apply(gatherPerRowOp, [x, indices], {});

/** [B,length,…] with rows[b] at [b, indices[b]] and zeros elsewhere; rows [B,…], indices int32 [B]. */
export function scatterPerRow(rows: Value, indices: Value, length: number): Value {
  return apply(scatterPerRowOp, [rows, indices], { length });
}

/** x[…, indices[…, j]]; x […,n], indices int32 […,k]. */
export const gatherLast = (x: Value, indices: Value): Value => apply(gatherLastOp, [x, indices], {});

/** […,length] where x[…, j] is added at indices[…, j]. */
export function scatterAddLast(x: Value, indices: Value, length: number): Value {
  return apply(scatterAddLastOp, [x, indices], { length });
}

/** The k largest (or smallest) of the last axis, in order: values […,k] and their int32 indices. */
export function topK(x: Value, k: number, { largest = true } = {}): { values: Value; indices: Value } {
  return { values: apply(topKOp, [x], { k, largest }), indices: apply(topKIndicesOp, [x], { k, largest }) };
}

/** The last axis in ascending order. */
export const sort = (x: Value): Value => topK(x, x.shape.at(-1)!, { largest: false }).values;
