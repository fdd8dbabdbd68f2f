/** @file The Python values that a checkpoint's pickle can build here. All are inert: none has behaviour of its own. */
import type { StoredDType } from "../../tensor/dtype.js";

export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyTuple
  | PyList
  | PyDict
  | PyRecord
  | PyGlobal
  | PyStorage
  | PyTensor;

export class PyTuple {
  constructor(readonly items: readonly PyValue[]) {}
}

/** A list; sets are kept as lists too, since only tensors are looked for in them. */
export class PyList {
  readonly items: PyValue[] = [];
}

export class PyDict {
  readonly entries = new Map<PyValue, PyValue>();
}

/** An object of a TorchScript class: its attributes, without its class. */
export class PyRecord {
  state: PyValue = null;
}

/** A class, function or constant from the allow-list. */
export class PyGlobal {
  constructor(
    readonly name: string,
    /** What calling it builds; absent when it cannot be called. */
    readonly call?: (args: readonly PyValue[]) => PyValue,
    /** For storage classes and `torch.dtype`s: the element type. */
    readonly dtype?: TorchDType,
  ) {}
}

export interface TorchDType {
  /** Torch's name, for messages. */
  readonly label: string;
  /** Bytes per element. */
  readonly bytes: number;
  /** Absent for types that Vitrine does not compute with. */
  readonly stored?: StoredDType;
}

/** A reference to a block of elements that lies beside the pickle. */
export interface StorageFacts {
  readonly key: string;
  readonly dtype: TorchDType;
  /** Elements. */
  readonly count: number;
}

export class PyStorage implements StorageFacts {
  constructor(
    readonly key: string,
    readonly dtype: TorchDType,
    readonly count: number,
  ) {}
}

/** A view of a storage. Offset and strides count elements of `dtype`. */
export class PyTensor {
  constructor(
    readonly storage: PyStorage,
    readonly dtype: TorchDType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** The value's kind, for messages. */
export function kindOf(value: PyValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  return typeof value === "object" ? value.constructor.name : typeof value;
}
