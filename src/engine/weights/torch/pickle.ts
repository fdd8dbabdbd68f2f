/**
 * @file A machine for the pickle instructions of protocols 0 to 5 that data need. It builds inert values only: the one
 * way to a function leads through `resolveGlobal`, which knows no function of Python's.
 *
 * Every instruction takes time and memory in proportion to its own bytes, and none loops, so a stream of n bytes ends
 * after at most n steps. Source: Lib/pickletools.py of CPython, the reference for the instruction set.
 */
import { quote } from "../errors.js";
import { Cursor } from "./cursor.js";
import { PickleCorruptError, PickleOpcodeError, TorchLimitError } from "./errors.js";
import { resolveGlobal } from "./globals.js";
import { Op, opcodeName } from "./opcodes.js";
import { decodeLong, parseDecimal } from "./numbers.js";
import { kindOf, PyDict, PyGlobal, PyList, PyRecord, PyStorage, PyTensor, PyTuple, type PyValue } from "./values.js";

export interface Unpickled {
  readonly value: PyValue;
  /** Index of the byte after STOP. */
  readonly end: number;
  /** Every storage that the value refers to, by key. */
  readonly storages: ReadonlyMap<string, PyStorage>;
}

/** About forty instructions build a tensor, so this is fifty thousand of them; one instruction may cost 100 bytes. */
const MAX_STEPS = 2_000_000;
/** Marks open at once; containers nest less deep than this. */
const MAX_MARKS = 1000;
/** Newest protocol that Python defines. */
const MAX_PROTOCOL = 5;

/**
 * Runs the pickle that begins at `start`. Throws `PickleRefusedError`, `PickleOpcodeError`, `PickleTruncatedError`,
 * `PickleCorruptError` or `TorchLimitError`; on any of them nothing but inert values has been built.
 */
export function unpickle(bytes: Uint8Array, start = 0): Unpickled {
  return new Machine(new Cursor(bytes, start)).run();
}

class Machine {
  private stack: PyValue[] = [];
  /** Stacks set aside by MARK. */
  private readonly marks: PyValue[][] = [];
  private readonly memo = new Map<number, PyValue>();
  private readonly storages = new Map<string, PyStorage>();

  constructor(private readonly cursor: Cursor) {}

  run(): Unpickled {
    let steps = 0;
    for (let op = this.cursor.uint8(); op !== Op.STOP; op = this.cursor.uint8()) {
      if (++steps > MAX_STEPS) throw this.limit(`more than ${MAX_STEPS} instructions`);
      this.step(op);
    }
    const value = this.pop();
    return { value, end: this.cursor.position, storages: this.storages };
  }

  private step(op: number): void {
    if (this.stepLiteral(op) || this.stepContainer(op) || this.stepMemo(op) || this.stepObject(op)) return;
    throw new PickleOpcodeError({
      what: "the pickle uses an instruction that no checkpoint needs",
      where: `byte ${this.cursor.position - 1}`,
      got: opcodeName(op),
      fix: "convert the file to safetensors where you trust it",
    });
  }

  /** Instructions that push a value written in the stream. */
  private stepLiteral(op: number): boolean {
    const { cursor } = this;
    switch (op) {
      case Op.NONE:
        return this.push(null);
      case Op.NEWTRUE:
        return this.push(true);
      case Op.NEWFALSE:
        return this.push(false);
      case Op.BININT:
        return this.push(cursor.int32());
      case Op.BININT1:
        return this.push(cursor.uint8());
      case Op.BININT2:
        return this.push(cursor.uint16());
      case Op.LONG1:
        return this.push(decodeLong(cursor, cursor.uint8()));
      case Op.LONG4:
        return this.push(decodeLong(cursor, cursor.uint32()));
      case Op.INT:
      case Op.LONG:
        return this.push(parseDecimal(cursor.line()));
      case Op.BINFLOAT:
        return this.push(cursor.float64());
      case Op.FLOAT:
        return this.push(Number(cursor.line()));
      case Op.SHORT_BINUNICODE:
        return this.push(cursor.utf8(cursor.uint8()));
      case Op.BINUNICODE:
        return this.push(cursor.utf8(cursor.uint32()));
      case Op.BINUNICODE8:
        return this.push(cursor.utf8(cursor.uint64()));
      // Strings of Python 2: tensor names are ASCII.
      case Op.SHORT_BINSTRING:
        return this.push(cursor.latin1(cursor.uint8()));
      case Op.BINSTRING:
        return this.push(cursor.latin1(cursor.uint32()));
      case Op.SHORT_BINBYTES:
        return this.push(cursor.take(cursor.uint8()));
      case Op.BINBYTES:
        return this.push(cursor.take(cursor.uint32()));
      case Op.BINBYTES8:
      case Op.BYTEARRAY8:
        return this.push(cursor.take(cursor.uint64()));
      default:
        return false;
    }
  }

  private stepContainer(op: number): boolean {
    switch (op) {
      case Op.MARK:
        if (this.marks.length >= MAX_MARKS) throw this.limit(`more than ${MAX_MARKS} open marks`);
        this.marks.push(this.stack);
        this.stack = [];
        return true;
      case Op.EMPTY_TUPLE:
        return this.push(new PyTuple([]));
      case Op.TUPLE:
        return this.push(new PyTuple(this.popToMark()));
      case Op.TUPLE1:
        return this.push(new PyTuple(this.popMany(1)));
      case Op.TUPLE2:
        return this.push(new PyTuple(this.popMany(2)));
      case Op.TUPLE3:
        return this.push(new PyTuple(this.popMany(3)));
      case Op.EMPTY_LIST:
      case Op.EMPTY_SET:
        return this.push(new PyList());
      case Op.LIST:
      case Op.FROZENSET:
        return this.push(this.extend(new PyList(), this.popToMark()));
      case Op.APPEND:
        return this.extendTop([this.pop()]);
      case Op.APPENDS:
      case Op.ADDITEMS:
        return this.extendTop(this.popToMark());
      case Op.EMPTY_DICT:
        return this.push(new PyDict());
      case Op.DICT:
        return this.push(this.setItems(new PyDict(), this.popToMark()));
      case Op.SETITEM:
        return this.setItemsOnTop(this.popMany(2));
      case Op.SETITEMS:
        return this.setItemsOnTop(this.popToMark());
      default:
        return false;
    }
  }

  private stepMemo(op: number): boolean {
    const { cursor } = this;
    switch (op) {
      case Op.PUT:
        return this.remember(Number(parseDecimal(cursor.line())));
      case Op.BINPUT:
        return this.remember(cursor.uint8());
      case Op.LONG_BINPUT:
        return this.remember(cursor.uint32());
      case Op.MEMOIZE:
        return this.remember(this.memo.size);
      case Op.GET:
        return this.recall(Number(parseDecimal(cursor.line())));
      case Op.BINGET:
        return this.recall(cursor.uint8());
      case Op.LONG_BINGET:
        return this.recall(cursor.uint32());
      case Op.DUP:
        return this.push(this.top());
      case Op.POP:
        // Python lets POP remove a bare mark as well.
        if (this.stack.length === 0) this.popToMark();
        else this.pop();
        return true;
      case Op.POP_MARK:
        this.popToMark();
        return true;
      default:
        return false;
    }
  }

  private stepObject(op: number): boolean {
    const { cursor } = this;
    switch (op) {
      case Op.PROTO: {
        const protocol = cursor.uint8();
        if (protocol > MAX_PROTOCOL) throw this.corrupt(`protocol ${protocol}`);
        return true;
      }
      case Op.FRAME:
        // A frame is a hint for buffered readers; its length adds nothing to what the instructions say.
        cursor.uint64();
        return true;
      case Op.GLOBAL:
        return this.push(resolveGlobal(cursor.line(), cursor.line()));
      case Op.STACK_GLOBAL: {
        const [module, name] = this.popMany(2);
        if (typeof module !== "string" || typeof name !== "string") throw this.corrupt(`a ${kindOf(name)} as a name`);
        return this.push(resolveGlobal(module, name));
      }
      case Op.REDUCE:
      case Op.NEWOBJ: {
        const [callee, args] = this.popMany(2);
        return this.push(this.call(callee, args));
      }
      case Op.NEWOBJ_EX: {
        const [callee, args] = this.popMany(3);
        return this.push(this.call(callee, args));
      }
      case Op.INST: {
        const callee = resolveGlobal(cursor.line(), cursor.line());
        return this.push(this.call(callee, new PyTuple(this.popToMark())));
      }
      case Op.OBJ: {
        const [callee, ...args] = this.popToMark();
        return this.push(this.call(callee, new PyTuple(args)));
      }
      case Op.BUILD:
        return this.build();
      case Op.BINPERSID:
        return this.push(this.storage(this.pop()));
      default:
        return false;
    }
  }

  private call(callee: PyValue | undefined, args: PyValue | undefined): PyValue {
    if (!(callee instanceof PyGlobal) || callee.call === undefined) {
      throw this.corrupt(`a call of ${callee instanceof PyGlobal ? callee.name : kindOf(callee)}`);
    }
    if (!(args instanceof PyTuple)) throw this.corrupt(`${kindOf(args)} as arguments of ${callee.name}`);
    return callee.call(args.items);
  }

  /** State of a TorchScript object is kept; that of containers and tensors (`_metadata`, hooks) says nothing about weights. */
  private build(): boolean {
    const [target, state] = this.popMany(2);
    if (target instanceof PyRecord) target.state = state!;
    else if (!(target instanceof PyDict || target instanceof PyTensor))
      throw this.corrupt(`state for ${kindOf(target)}`);
    return this.push(target);
  }

  /** A persistent id: ("storage", class, key, device, element count) and, in the oldest files, a view of another storage. */
  private storage(id: PyValue): PyStorage {
    const [tag, type, key, , count, view] = id instanceof PyTuple ? id.items : [];
    if (tag !== "storage" || !(type instanceof PyGlobal) || type.dtype === undefined) {
      throw this.corrupt(`${typeof tag === "string" ? quote(tag) : kindOf(id)} as a persistent id`);
    }
    const sound = typeof key === "string" && typeof count === "number" && Number.isSafeInteger(count) && count >= 0;
    if (!sound) throw this.corrupt("a storage without key or size");
    if (view !== undefined && view !== null) throw this.corrupt("a storage that is a view of another");
    const known = this.storages.get(key);
    if (known === undefined) {
      const storage = new PyStorage(key, type.dtype, count);
      this.storages.set(key, storage);
      return storage;
    }
    if (known.dtype !== type.dtype || known.count !== count)
      throw this.corrupt(`two descriptions of storage ${quote(key)}`);
    return known;
  }

  private push(value: PyValue): true {
    this.stack.push(value);
    return true;
  }

  private pop(): PyValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.corrupt("an empty stack");
    return value;
  }

  private top(): PyValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw this.corrupt("an empty stack");
    return value;
  }

  private popMany(count: number): PyValue[] {
    if (this.stack.length < count) throw this.corrupt("an empty stack");
    return this.stack.splice(this.stack.length - count);
  }

  private popToMark(): PyValue[] {
    const items = this.stack;
    const below = this.marks.pop();
    if (below === undefined) throw this.corrupt("no mark on the stack");
    this.stack = below;
    return items;
  }

  private remember(index: number): true {
    this.memo.set(index, this.top());
    return true;
  }

  private recall(index: number): true {
    const value = this.memo.get(index);
    if (value === undefined) throw this.corrupt(`memo ${index}, which is not set`);
    return this.push(value);
  }

  private extendTop(items: readonly PyValue[]): true {
    const list = this.top();
    if (!(list instanceof PyList)) throw this.corrupt(`items for ${kindOf(list)}`);
    this.extend(list, items);
    return true;
  }

  private extend(list: PyList, items: readonly PyValue[]): PyList {
    for (const item of items) list.items.push(item);
    return list;
  }

  private setItemsOnTop(items: readonly PyValue[]): true {
    const dict = this.top();
    if (!(dict instanceof PyDict)) throw this.corrupt(`items for ${kindOf(dict)}`);
    this.setItems(dict, items);
    return true;
  }

  private setItems(dict: PyDict, items: readonly PyValue[]): PyDict {
    if (items.length % 2 !== 0) throw this.corrupt("a key without a value");
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i]!, items[i + 1]!);
    return dict;
  }

  private limit(got: string): Error {
    return new TorchLimitError({ what: "hostile pickle", where: `before byte ${this.cursor.position}`, got });
  }

  private corrupt(got: string): Error {
    return new PickleCorruptError({ what: "bad pickle", where: `before byte ${this.cursor.position}`, got });
  }
}
