import { quote } from "../errors.js";
import { TorchDuplicateNameError, TorchLimitError, TorchNoTensorsError } from "./errors.js";
import { PyDict, PyList, PyRecord, PyTensor, PyTuple, type PyValue } from "./values.js";

/** Keys under which training checkpoints keep the weights, most specific first. */
const WRAPPERS = ["state_dict", "model_state_dict", "model", "module"];
/** What data-parallel training puts before every name. */
const PARALLEL_PREFIX = "module.";
/** The name of a tensor that is the whole file. */
const BARE_NAME = "tensor";

const MAX_DEPTH = 100;
const MAX_NAME = 4096;
const MAX_VISITS = 500_000;

/**
 * The tensors of a checkpoint by dotted path, in the file's order: those under `state_dict` or the like if it is a
 * training checkpoint, without the prefix of data-parallel training. A lone tensor is called "tensor".
 *
 * Throws {@link TorchNoTensorsError}, {@link TorchDuplicateNameError}, {@link TorchLimitError}.
 */
export function collectTensors(root: PyValue, file: string): ReadonlyMap<string, PyTensor> {
  if (root instanceof PyTensor) return new Map([[BARE_NAME, root]]);
  const tensors = new Map<string, PyTensor>();
  const collector = new Collector(tensors, file);
  collector.visit(unwrap(root), "", 0);
  if (tensors.size === 0) {
    const fix = "give a checkpoint that holds weights";
    throw new TorchNoTensorsError({ what: "no tensors in this torch file", where: file, fix });
  }
  const names = [...tensors.keys()];
  if (!names.every((name) => name.startsWith(PARALLEL_PREFIX) && name.length > PARALLEL_PREFIX.length)) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice(PARALLEL_PREFIX.length), tensor]));
}

function unwrap(root: PyValue): PyValue {
  if (!(root instanceof PyDict)) return root;
  // A dictionary with tensors of its own is a state dict, even if a layer is called "model".
  if ([...root.entries.values()].some((value) => value instanceof PyTensor)) return root;
  const wrapped = WRAPPERS.map((key) => root.entries.get(key)).find(
    (value) => (value instanceof PyDict && value.entries.size > 0) || value instanceof PyRecord,
  );
  return wrapped ?? root;
}

class Collector {
  private visits = 0;
  /** Containers on the way from the root, to notice cycles. */
  private readonly path = new Set<PyValue>();

  constructor(
    private readonly tensors: Map<string, PyTensor>,
    private readonly file: string,
  ) {}

  visit(value: PyValue, name: string, depth: number): void {
    if (value instanceof PyTensor) this.add(name, value);
    const children = childrenOf(value);
    if (children === undefined) return;
    if (this.path.has(value)) throw this.limit("a container that holds itself");
    if (depth >= MAX_DEPTH) throw this.limit(`more than ${MAX_DEPTH} levels of containers`);
    this.path.add(value);
    for (const [key, child] of children) {
      if (++this.visits > MAX_VISITS) throw this.limit(`more than ${MAX_VISITS} values`);
      if (typeof key !== "string" && typeof key !== "number") continue;
      const path = name === "" ? String(key) : `${name}.${key}`;
      if (path.length > MAX_NAME) throw this.limit(`a name of more than ${MAX_NAME} characters`);
      this.visit(child, path, depth + 1);
    }
    this.path.delete(value);
  }

  private add(name: string, tensor: PyTensor): void {
    if (this.tensors.has(name)) {
      const where = `${this.file}: tensor ${quote(name)}`;
      throw new TorchDuplicateNameError({ what: "two tensors of the same name", where });
    }
    this.tensors.set(name, tensor);
  }

  private limit(got: string): Error {
    return new TorchLimitError({ what: "hostile checkpoint", where: this.file, got });
  }
}

function childrenOf(value: PyValue): Iterable<readonly [PyValue, PyValue]> | undefined {
  if (value instanceof PyDict) return value.entries;
  if (value instanceof PyList || value instanceof PyTuple) return value.items.entries();
  // A record as another's state is never written, and would allow a cycle that has no container in it.
  return value instanceof PyRecord && !(value.state instanceof PyRecord) ? childrenOf(value.state) : undefined;
}
