import { describe, expect, it } from "vitest";
import { unpickle } from "../../../src/engine/weights/torch/pickle.js";
import { type PyDict, PyList, PyTensor, PyTuple } from "../../../src/engine/weights/torch/values.js";
import { dictionary, long, type Part, pickle, PROTO, tensor, text, uint32 } from "./pickle-writer.js";
import { errorOf } from "./scratch.js";

const run = (...parts: readonly Part[]) => unpickle(pickle(...parts)).value;

describe("values", () => {
  it.each([
    ["None", "N.", null],
    ["booleans of protocol 0", "I01\n.", true],
    ["integers of protocol 0", "I-12\n.", -12],
    ["long integers of protocol 0", "L12345678901234567890L\n.", 12345678901234567890n],
    ["BININT", "J\xff\xff\xff\xff.", -1],
    ["LONG1 of no bytes", "\x8a\x00.", 0],
    ["LONG1, negative", "\x8a\x01\x80.", -128],
    ["LONG4", "\x8b\x02\x00\x00\x00\x00\x01.", 256],
    ["floats", "G\xbf\xf0\0\0\0\0\0\0.", -1],
    ["floats of protocol 0", "F2.5\n.", 2.5],
    ["strings of Python 2", "U\x01\xe9.", "é"],
    ["UTF-8", "\x8c\x02\xc3\xa9.", "é"],
    ["the top of the stack, twice", "K\x0520.", 5],
    ["nothing of what follows STOP", "K\x01.K\x02.", 1],
  ])("%s", (_, stream, value) => {
    expect(run(stream)).toEqual(value);
  });

  it("builds containers", () => {
    const dict = run(PROTO, "}", text("a"), "](K\x01K\x02es", text("b"), "K\x03K\x04\x86s.") as PyDict;
    expect(dict.entries.get("a")).toMatchObject({ items: [1, 2] });
    expect(dict.entries.get("b")).toEqual(new PyTuple([3, 4]));
    expect(run("(K\x01K\x02l.")).toMatchObject({ items: [1, 2] });
    expect((run("(K\x01K\x02d.") as PyDict).entries.get(1)).toBe(2);
    expect((run("ccollections\nOrderedDict\n]](", text("k"), "K\x07ea\x85R.") as PyDict).entries.get("k")).toBe(7);
  });

  it("reads bytes that Python 3 wrote as text", () => {
    expect(run("c_codecs\nencode\n", "X\x02\0\0\0\xc3\xbf", text("latin1"), "\x86R.")).toEqual(Buffer.from([255]));
  });

  it("reads tensors of types without a storage class", () => {
    const stream = pickle(
      "ctorch._utils\n_rebuild_tensor_v3\n((",
      text("storage"),
      "ctorch.storage\nUntypedStorage\n",
      text("0"),
      text("cpu"),
      "K\x06tQK\x00K\x03\x85K\x01\x85\x89ccollections\nOrderedDict\n)Rctorch\nuint16\ntR.",
    );
    const value = unpickle(stream).value as PyTensor;
    expect([value.dtype.stored, value.shape, value.storage.count]).toEqual(["U16", [3], 6]);
  });
});

describe("refused: every way to name a function", () => {
  const command = text("touch /tmp/never");
  it.each([
    ["GLOBAL and REDUCE", pickle("cos\nsystem\n(", command, "tR."), "os.system"],
    ["builtins", pickle("cbuiltins\neval\n(", command, "tR."), "builtins.eval"],
    ["builtins of Python 2", pickle("c__builtin__\neval\n(", command, "tR."), "__builtin__.eval"],
    ["STACK_GLOBAL", pickle("\x80\x04", text("posix"), text("system"), "\x93", command, "\x85R."), "posix.system"],
    ["STACK_GLOBAL of a path", pickle("\x80\x04", text("torch"), text("os.system"), "\x93."), "torch.os.system"],
    ["INST", pickle("(", command, "ios\nsystem\n."), "os.system"],
    ["OBJ", pickle("(cos\nsystem\n", command, "o."), "os.system"],
    ["NEWOBJ", pickle("csubprocess\nPopen\n", command, "\x85\x81."), "subprocess.Popen"],
    ["NEWOBJ_EX", pickle("csubprocess\nPopen\n", command, "\x85}\x92."), "subprocess.Popen"],
    ["a name that is never called", pickle("cos\nsystem\n0N."), "os.system"],
    ["a neighbour of what is allowed", pickle("ctorch._utils\n_rebuild_qtensor\n."), "torch._utils._rebuild_qtensor"],
    ["a codec that runs", pickle("c_codecs\ndecode\n."), "_codecs.decode"],
    ["a prefix of TorchScript's", pickle("c__torch__evil\nsystem\n."), "__torch__evil.system"],
    ["a method of Object", pickle("c__proto__\nconstructor\n."), "__proto__.constructor"],
  ])("%s", async (_, stream, name) => {
    const error = await errorOf(() => unpickle(stream));
    expect(error.code).toBe("pickle-refused");
    expect(error.message).toContain(`the pickle wants to call "${name}"`);
    expect(error.message).toContain("nothing was executed");
  });
});

describe("refused: instructions", () => {
  it.each([
    ["EXT1", "\x82\x01."],
    ["EXT2", "\x83\x01\x00."],
    ["EXT4", "\x84\x01\x00\x00\x00."],
    ["PERSID", "Pid\n."],
    ["NEXT_BUFFER", "\x97."],
    ["READONLY_BUFFER", "\x98."],
    ["STRING", "S'a'\n."],
    ["byte 0xff", "\xff."],
    ["byte 0x00", "\0."],
  ])("%s", async (name, stream) => {
    const error = await errorOf(() => unpickle(pickle(stream)));
    expect([error.code, error.facts.got]).toEqual(["pickle-opcode", name]);
  });
});

describe("refused: streams that end too early", () => {
  it("at every byte of a sound pickle", async () => {
    const sound = dictionary(["a", tensor()], ["b", long(5n)]);
    expect((unpickle(sound).value as PyDict).entries.get("a")).toBeInstanceOf(PyTensor);
    for (let end = 0; end < sound.length; end++) {
      const error = await errorOf(() => unpickle(sound.subarray(0, end)));
      expect(error.code).toBe("pickle-truncated");
    }
  });

  it.each([
    ["text of 4 GB", "X\xff\xff\xff\xff."],
    ["text of 2^64 bytes", "\x8d\xff\xff\xff\xff\xff\xff\xff\xff."],
    ["bytes of 2^63", "\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."],
    ["a line without end", "cos"],
  ])("%s", async (_, stream) => {
    expect((await errorOf(() => unpickle(pickle(stream)))).code).toBe("pickle-truncated");
  });
});

describe("refused: instructions that do not fit", () => {
  it.each([
    ["an empty stack at STOP", "."],
    ["POP of nothing", "0."],
    ["DUP of nothing", "2."],
    ["no mark", "K\x01t."],
    ["POP_MARK without mark", "1."],
    ["a memo that is not set", "h\x05."],
    ["PUT of nothing", "q\x05."],
    ["items for a number", "K\x01K\x02a."],
    ["pairs for a list", "]K\x01K\x02s."],
    ["a key without a value", "}(K\x01u."],
    ["protocol 6", "\x80\x06N."],
    ["invalid UTF-8", "X\x01\0\0\0\xff."],
    ["an integer that is none", "Ix\n."],
    ["a call of a number", "K\x01)R."],
    ["a call of a type", "ctorch\nfloat32\n)R."],
    ["a call without tuple", "ccollections\nOrderedDict\nK\x01R."],
    ["a name that is a number", "K\x01K\x02\x93."],
    ["an endless name", `c${"x".repeat(5000)}\n`],
    ["state for a number", "K\x01}b."],
    ["a persistent id that is a number", "K\x01Q."],
    ["an OrderedDict of numbers", "ccollections\nOrderedDict\n](K\x01K\x02e\x85R."],
    ["a tensor over nothing", "ctorch._utils\n_rebuild_tensor_v2\n)R."],
    ["bytes in another encoding", pickle("c_codecs\nencode\n", text("a"), text("rot13"), "\x86R.").toString("latin1")],
  ])("%s", async (_, stream) => {
    expect((await errorOf(() => unpickle(pickle(stream)))).code).toBe("pickle-corrupt");
  });

  it.each([
    ["a negative size", { shape: [-1] }],
    ["a negative offset", { offset: -1 }],
    ["a size past 2^53", { shape: [2n ** 62n] }],
    ["a negative storage", { count: -2 }],
    ["a storage of a type that is none", { storage: "torch\nSize\n" }],
  ])("a tensor with %s", async (_, facts) => {
    expect((await errorOf(() => unpickle(pickle(tensor(facts), ".")))).code).toBe("pickle-corrupt");
  });

  it("a storage described in two ways", async () => {
    const stream = dictionary(["a", tensor()], ["b", tensor({ count: 1 })]);
    expect((await errorOf(() => unpickle(stream))).code).toBe("pickle-corrupt");
  });
});

describe("refused or borne: bombs", () => {
  it.each([
    ["a LONG4 of 2 GB", pickle("\x8b\xff\xff\xff\x7f", ".")],
    ["a LONG1 of 255 bytes", pickle("\x8a\xff", new Uint8Array(255), ".")],
    ["a decimal of 4,000 digits", pickle(`L${"9".repeat(4000)}L\n.`)],
  ])("%s", async (_, stream) => {
    expect((await errorOf(() => unpickle(stream))).code).toBe("torch-limit");
  });

  it.each([
    ["marks upon marks", pickle("(".repeat(1001), "N.")],
    ["more instructions than any checkpoint has", pickle("N0".repeat(1_000_001), "N.")],
  ])("%s", async (_, stream) => {
    expect((await errorOf(() => unpickle(stream))).code).toBe("torch-limit");
  });

  it("bears nested lists, far memo slots and repeated references, in linear time", () => {
    const many = 200_000;
    const start = performance.now();
    expect(unpickle(pickle("]".repeat(many), "a".repeat(many - 1), ".")).value).toBeInstanceOf(PyList);
    const slots = Array.from({ length: 1000 }, (_, i) => pickle("r", uint32(2 ** 32 - 1 - i)));
    expect(unpickle(pickle("N", ...slots, ".")).value).toBeNull();
    expect(unpickle(pickle(")q\0", "h\0h\0\x86q\0".repeat(many / 4), ".")).value).toBeInstanceOf(PyTuple);
    // Quadratic time would be minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
