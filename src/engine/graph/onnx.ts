/**
 * Encodes a graph as an ONNX model file: the few messages of onnx.proto that Vitrine emits, written field by field.
 *
 * @file Source: onnx/onnx.proto (ONNX IR version 10). Weights are never copied into the file: an initializer is either
 * a small constant (`raw_data`) or a pointer to external data (`location`, `offset`, `length`).
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Shape } from "../tensor/shape.js";

export type OnnxElementType = keyof typeof ELEMENT_TYPES;

/** Their numbers in onnx.proto. */
export const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** `number` becomes FLOAT when wrapped in {@link onnxFloat}, INT otherwise. */
export type OnnxAttribute = number | string | readonly number[] | OnnxFloat;
export interface OnnxFloat {
  readonly float: number;
}

export interface OnnxNode {
  readonly type: string;
  /** Operator set; "" is ONNX itself. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxElementType;
  readonly shape: Shape;
  readonly data: Uint8Array | ExternalData;
}

export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxElementType;
  readonly shape: Shape;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

const IR_VERSION = 10;
const OPERATOR_SETS = [
  { domain: "", version: 21 },
  { domain: "com.microsoft", version: 1 },
];

/** The bytes of an ONNX ModelProto. Equal graphs give equal bytes. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter();
  int(w, 1, IR_VERSION);
  string(w, 2, "vitrine");
  message(w, 7, () => {
    graphProto(w, graph);
  });
  for (const { domain, version } of OPERATOR_SETS) {
    message(w, 8, () => {
      string(w, 1, domain);
      int(w, 2, version);
    });
  }
  return w.finish();
}

function graphProto(w: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) {
    message(w, 1, () => {
      nodeProto(w, node);
    });
  }
  string(w, 2, "graph");
  for (const tensor of graph.initializers) {
    message(w, 5, () => {
      tensorProto(w, tensor);
    });
  }
  for (const [field, infos] of [
    [11, graph.inputs],
    [12, graph.outputs],
  ] as const) {
    for (const info of infos) {
      message(w, field, () => {
        valueInfoProto(w, info);
      });
    }
  }
}

function nodeProto(w: BinaryWriter, { type, domain, inputs, outputs, attributes }: OnnxNode): void {
  for (const name of inputs) string(w, 1, name);
  for (const name of outputs) string(w, 2, name);
  string(w, 4, type);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    message(w, 5, () => {
      attributeProto(w, name, value);
    });
  }
  if (domain !== undefined) string(w, 7, domain);
}

/** AttributeProto.type: FLOAT 1, INT 2, STRING 3, INTS 7. */
function attributeProto(w: BinaryWriter, name: string, value: OnnxAttribute): void {
  string(w, 1, name);
  if (typeof value === "number") {
    int(w, 3, value);
    int(w, 20, 2);
  } else if (typeof value === "string") {
    string(w, 4, value);
    int(w, 20, 3);
  } else if ("float" in value) {
    w.tag(2, WireType.Bit32).float(value.float);
    int(w, 20, 1);
  } else {
    for (const n of value) int(w, 8, n);
    int(w, 20, 7);
  }
}

function tensorProto(w: BinaryWriter, { name, type, shape, data }: OnnxTensor): void {
  for (const n of shape) int(w, 1, n);
  int(w, 2, ELEMENT_TYPES[type]);
  string(w, 8, name);
  if (data instanceof Uint8Array) {
    w.tag(9, WireType.LengthDelimited).bytes(data);
    return;
  }
  for (const [key, value] of Object.entries(data)) {
    message(w, 13, () => {
      string(w, 1, key);
      string(w, 2, String(value));
    });
  }
  int(w, 14, 1);
}

function valueInfoProto(w: BinaryWriter, { name, type, shape }: OnnxValueInfo): void {
  string(w, 1, name);
  message(w, 2, () => {
    message(w, 1, () => {
      int(w, 1, ELEMENT_TYPES[type]);
      message(w, 2, () => {
        for (const n of shape) {
          message(w, 1, () => {
            int(w, 1, n);
          });
        }
      });
    });
  });
}

function message(w: BinaryWriter, field: number, body: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  body();
  w.join();
}

function int(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value);
}

function string(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}
