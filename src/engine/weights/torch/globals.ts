/** @file The allow-list: everything that a pickle may name. Nothing here runs code that came with the file. */
import { quote } from "../errors.js";
import { STORAGE_CLASSES, TORCH_DTYPES } from "./dtypes.js";
import { PickleCorruptError, PickleRefusedError } from "./errors.js";
import { kindOf, PyDict, PyGlobal, PyList, PyRecord, PyStorage, PyTensor, PyTuple, type PyValue } from "./values.js";

/** What `module.name` stands for. Throws {@link PickleRefusedError} for anything that tensors do not need. */
export function resolveGlobal(module: string, name: string): PyGlobal {
  const full = `${module}.${name}`;
  const known = ALLOWED.get(full);
  if (known !== undefined) return known;
  // Classes of a TorchScript archive are described by code inside it; here they are bags of attributes.
  if (module === "__torch__" || module.startsWith("__torch__.")) return new PyGlobal(full, () => new PyRecord());
  throw new PickleRefusedError({
    what: "refused",
    where: `the pickle wants to call ${quote(full)}`,
    expected: "tensors and plain containers only; nothing was executed",
    fix: "convert the file to safetensors where you trust it",
  });
}

function allow(name: string, call: (args: readonly PyValue[]) => PyValue): readonly [string, PyGlobal] {
  return [name, new PyGlobal(name, call)];
}

const ALLOWED: ReadonlyMap<string, PyGlobal> = new Map([
  allow("collections.OrderedDict", orderedDict),
  allow("torch._utils._rebuild_tensor", (args) => rebuildTensor(args, "_rebuild_tensor")),
  allow("torch._utils._rebuild_tensor_v2", (args) => rebuildTensor(args, "_rebuild_tensor_v2")),
  allow("torch._utils._rebuild_tensor_v3", rebuildTensorV3),
  allow("torch._utils._rebuild_parameter", first),
  allow("torch._utils._rebuild_parameter_with_state", first),
  allow("torch.Size", first),
  allow("torch.device", first),
  allow("_codecs.encode", encodeLatin1),
  ...["build_intlist", "build_doublelist", "build_boollist", "build_tensorlist", "restore_type_tag"].map((name) =>
    allow(`torch.jit._pickle.${name}`, first),
  ),
  ...["torch", "torch.cuda", "torch.storage"].flatMap((module) =>
    [...STORAGE_CLASSES].map(([name, dtype]): readonly [string, PyGlobal] => {
      const full = `${module}.${name}`;
      return [full, new PyGlobal(full, undefined, dtype)];
    }),
  ),
  ...[...TORCH_DTYPES].map(([name, dtype]): readonly [string, PyGlobal] => {
    const full = `torch.${name}`;
    return [full, new PyGlobal(full, undefined, dtype)];
  }),
]);

/** For wrappers whose first argument is all that matters. */
function first(args: readonly PyValue[]): PyValue {
  return args[0] ?? null;
}

/** `OrderedDict()` or, as Python 2 wrote it, `OrderedDict([[key, value], …])`. */
function orderedDict([pairs]: readonly PyValue[]): PyDict {
  const dict = new PyDict();
  if (pairs === undefined) return dict;
  for (const pair of itemsOf(pairs, "OrderedDict")) {
    const [key, value] = itemsOf(pair, "OrderedDict");
    if (key === undefined || value === undefined) throw badArguments("OrderedDict", pair);
    dict.entries.set(key, value);
  }
  return dict;
}

/** Python 3 writes byte strings this way under protocol 2: text of code points below 256, and "latin1". */
function encodeLatin1([text, encoding]: readonly PyValue[]): Uint8Array {
  if (typeof text !== "string" || encoding !== "latin1") throw badArguments("_codecs.encode", text);
  return Buffer.from(text, "latin1");
}

/** Arguments: storage, offset, size, stride, and others that say nothing about the data. */
function rebuildTensor([storage, offset, size, stride]: readonly PyValue[], name: string): PyTensor {
  if (!(storage instanceof PyStorage)) throw badArguments(name, storage);
  return new PyTensor(storage, storage.dtype, count(offset, name), counts(size, name), counts(stride, name));
}

/** As version 2, with the element type in seventh place, over a storage of bytes. */
function rebuildTensorV3(args: readonly PyValue[]): PyTensor {
  const { storage, offset, shape, strides } = rebuildTensor(args, "_rebuild_tensor_v3");
  const type = args[6];
  if (!(type instanceof PyGlobal) || type.dtype === undefined) throw badArguments("_rebuild_tensor_v3", type);
  return new PyTensor(storage, type.dtype, offset, shape, strides);
}

function counts(value: PyValue | undefined, name: string): readonly number[] {
  return itemsOf(value, name).map((item) => count(item, name));
}

function count(value: PyValue | undefined, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw badArguments(name, value);
}

function itemsOf(value: PyValue | undefined, name: string): readonly PyValue[] {
  if (value instanceof PyTuple || value instanceof PyList) return value.items;
  throw badArguments(name, value);
}

function badArguments(name: string, value: PyValue | undefined): Error {
  const got = typeof value === "number" || typeof value === "bigint" ? String(value) : kindOf(value);
  return new PickleCorruptError({ what: "bad pickle", where: `arguments of ${name}`, got });
}
