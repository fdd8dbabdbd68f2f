/**
 * A very small WebAssembly assembler: enough for loops of 4-lane float32 arithmetic over memory.
 *
 * @file Code is a list of bytes; an expression is code that leaves one value on the stack, so operands nest as they would in
 * a formula. Opcodes: WebAssembly core specification 2.0, chapter 5.4 (binary format of instructions). These SIMD
 * instructions are exact IEEE 754 arithmetic, so every machine computes the same bits.
 */
export type Code = readonly number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly result?: number;
  /** Types of the local variables; they are numbered on from the parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** Four float32 at the address that `local` holds, `offset` bytes on. */
export const load = (local: number, offset = 0): Code => [...get(local), ...simd(0), 4, ...unsigned(offset)];
export const store = (local: number, value: Code): Code => [...get(local), ...value, ...simd(11), 4, 0];

/** Float32 local variable `local` in all four lanes. */
export const splat = (local: number): Code => [...get(local), ...simd(19)];

const binary =
  (op: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(op)];
export const add = binary(0xe4);
export const sub = binary(0xe5);
export const mul = binary(0xe6);
export const div = binary(0xe7);
export const sqrt = (a: Code): Code => [...a, ...simd(0xe3)];
export const addF64 = binary(0xf0);
export const mulF64 = binary(0xf2);

/** Lanes 0 and 1 of four float32, as float64. */
export const lowToF64 = (a: Code): Code => [...a, ...simd(0x5f)];
/** Lanes 2 and 3 of the four float32 in `local`, as float64. */
export const highToF64 = (local: number): Code =>
  lowToF64([...get(local), ...get(local), ...simd(13), 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);
/** The sum of the two float64 in `local`, as a scalar. */
export const sumF64 = (local: number): Code => [...get(local), ...simd(33), 0, ...get(local), ...simd(33), 1, 0xa0];

/** Repeats `body` while the address in local `pointers[0]` is below that in `end`; all pointers move on by `bytes`. */
export function loop(pointers: readonly number[], end: number, bytes: number, body: Code): Code {
  const advance = pointers.flatMap((pointer) => set(pointer, [...get(pointer), 0x41, ...signed(bytes), 0x6a]));
  return [0x03, 0x40, ...body, ...advance, ...get(pointers[0]!), ...get(end), 0x49, 0x0d, 0, 0x0b];
}

/** A module that exports `functions` and works on the memory imported as `host.memory`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...list(parameters.map((type) => [type])),
    ...list(result === undefined ? [] : [[result]]),
  ]);
  const bodies = functions.map(({ locals, body }) => sized([...list(locals.map((type) => [1, type])), ...body, 0x0b]));
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text("host"), ...text("memory"), 2, 0, 0]])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  );
}

const simd = (op: number): Code => [0xfd, ...unsigned(op)];
const section = (id: number, content: Code): Code => [id, ...sized(content)];
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const text = (ascii: string): Code => sized([...new TextEncoder().encode(ascii)]);

/** LEB128, unsigned. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128, signed; for numbers that are not negative. */
function signed(value: number): Code {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
