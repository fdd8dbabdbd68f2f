/**
 * From values to an ONNX graph.
 *
 * @file Weights do not enter the ONNX bytes: the lowered graph names the stored tensors it needs, and the runtime says
 * where each lies.
 */
import type { StoredDType } from "../tensor/dtype.js";
import { type Shape, sameShape, showShape } from "../tensor/shape.js";
import type { StoredTensor } from "../tensor/stored.js";
import type { Tensor } from "../tensor/tensor.js";
import { ShapeError } from "./errors.js";
import {
  ELEMENT_TYPES,
  type OnnxAttribute,
  type OnnxElementType,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from "./onnx.js";
import type { TensorType, Value } from "./value.js";

export interface LoweredGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  /** Weights by their name in the graph. */
  readonly weights: readonly { readonly name: string; readonly type: OnnxElementType; readonly stored: StoredTensor }[];
  /** Each under its name after "in:", apart from the names of nodes, constants and weights. */
  readonly inputs: readonly OnnxValueInfo[];
  /** In the order of the outputs asked for, each under its name after "out:". */
  readonly outputs: readonly OnnxValueInfo[];
}

interface NodeOptions {
  readonly domain?: string;
}

/** Constants up to this many bytes are named by their content, so that equal ones are one. */
const SMALL_CONSTANT = 64;

/** What an op's lowering may do: emit nodes, and name inputs, constants and weights. */
export class Lowering {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, OnnxTensor>();
  readonly weights = new Map<string, LoweredGraph["weights"][number]>();
  readonly inputs = new Map<string, OnnxValueInfo>();
  readonly #emitted = new Map<string, readonly string[]>();
  #named = 0;

  /**
   * Emits a node; returns the name of its result, or all names when `outputs` are asked for. Equal nodes are one node: ops
   * that need different results of one kernel, and gradients that need what the forward pass computed, share its work.
   */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    options?: NodeOptions,
  ): string;
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    options: NodeOptions & { readonly outputs: number },
  ): readonly string[];
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    { domain, outputs }: NodeOptions & { readonly outputs?: number } = {},
  ): string | readonly string[] {
    const key = JSON.stringify([type, domain, inputs, attributes, outputs]);
    let names = this.#emitted.get(key);
    if (names === undefined) {
      names = Array.from({ length: outputs ?? 1 }, () => `v${this.#named++}`);
      this.#emitted.set(key, names);
      this.nodes.push({ type, inputs, outputs: names, attributes, ...(domain === undefined ? {} : { domain }) });
    }
    return outputs === undefined ? names[0]! : names;
  }

  /** An int64 list, as ONNX wants shapes and axes. */
  int64s(values: readonly number[]): string {
    const name = `int64:${values.join(",")}`;
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.constants.set(name, { name, type: "int64", shape: [values.length], data });
    return name;
  }

  constant({ dtype, shape, data }: Tensor): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const isSmall = bytes.length <= SMALL_CONSTANT;
    const name = isSmall ? `${dtype}[${shape.join(",")}]:${bytes.join(",")}` : `c${this.#named++}`;
    this.constants.set(name, { name, type: dtype, shape, data: bytes });
    return name;
  }

  /** The same elements as another type. */
  cast(name: string, type: OnnxElementType): string {
    return this.node("Cast", [name], { to: ELEMENT_TYPES[type] });
  }

  /** A float32 constant of one value, which the runtime makes when the program is made. */
  filled(value: number, shape: Shape): string {
    const scalar = this.constant({ dtype: "float32", shape: [], data: Float32Array.of(value) });
    return this.node("Expand", [scalar, this.int64s(shape)]);
  }

  stored(stored: StoredTensor): string {
    const name = `w${this.#named++}`;
    this.weights.set(name, { name, type: ONNX_TYPES[stored.dtype], stored });
    return name;
  }

  /** Inputs of one name and type are one input. Throws {@link ShapeError} when the types differ. */
  input(key: string, { dtype, shape }: TensorType): string {
    const name = `in:${key}`;
    const known = this.inputs.get(name);
    if (known !== undefined && !(known.type === dtype && sameShape(known.shape, shape))) {
      throw new ShapeError({
        what: "two inputs of one name are of different types",
        where: key,
        got: `${known.type} ${showShape(known.shape)} and ${dtype} ${showShape(shape)}`,
        expected: "one shape and element type under a name",
        fix: "give one of them another name",
      });
    }
    this.inputs.set(name, { name, type: dtype, shape });
    return name;
  }
}

const ONNX_TYPES: Record<StoredDType, OnnxElementType> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
};

/** Lowers what `outputs` (by name) need, and nothing else. The same values in the same order give the same graph. */
export function lower(outputs: Readonly<Record<string, Value>>): LoweredGraph {
  const to = new Lowering();
  const names = lowerAll(Object.values(outputs), to);
  const infos = Object.entries(outputs).map(([name, value]): OnnxValueInfo => {
    // Outputs get their own names through Identity nodes: one value may be asked for twice, or be an input.
    const output = `out:${name}`;
    to.nodes.push({ type: "Identity", inputs: [names.get(value)!], outputs: [output] });
    return { name: output, type: value.dtype, shape: value.shape };
  });
  return {
    // ONNX Runtime walks back from the last node, and at each node takes up the input of the last node first. So with the
    // nodes in reverse, it runs the graph in the order in which it was lowered: results asked for first, their inputs
    // from left to right. Who taps every layer of a model can thus see to it that layers are freed as the model goes.
    nodes: to.nodes.reverse(),
    constants: [...to.constants.values()],
    weights: [...to.weights.values()],
    inputs: [...to.inputs.values()],
    outputs: infos,
  };
}

/** Depth first without recursion: graphs of deep models are longer than a call stack. */
function lowerAll(roots: readonly Value[], to: Lowering): Map<Value, string> {
  const names = new Map<Value, string>();
  const stack = [...roots].reverse();
  while (stack.length > 0) {
    const value = stack.at(-1)!;
    const missing = value.inputs.filter((input) => !names.has(input));
    if (names.has(value)) {
      stack.pop();
    } else if (missing.length > 0) {
      stack.push(...missing.reverse());
    } else {
      stack.pop();
      names.set(value, lowerOne(value, names, to));
    }
  }
  return names;
}

function lowerOne(value: Value, names: ReadonlyMap<Value, string>, to: Lowering): string {
  const { op, inputs, attributes, dtype, shape } = value;
  const shapeOnly = ({ dtype, shape }: Value): { dtype: TensorType["dtype"]; shape: Shape } => ({ dtype, shape });
  return op.lower(to, {
    inputs: inputs.map((input) => names.get(input)!),
    inputTypes: inputs.map(shapeOnly),
    attributes,
    type: { dtype, shape },
  });
}

/** All values that `roots` are computed from, themselves included, each once. */
export function reachable(roots: readonly Value[]): Set<Value> {
  const seen = new Set<Value>(roots);
  // A set grows while it is iterated, and the new members are visited too.
  for (const value of seen) for (const input of value.inputs) seen.add(input);
  return seen;
}
