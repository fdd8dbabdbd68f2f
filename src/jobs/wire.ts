/**
 * Results of jobs as JSON, and back: what is sent between a server and a page, without loss.
 *
 * @file Numbers, texts, booleans, null, lists and plain objects are themselves. What JSON has no word for is an object with one
 * key: a tensor is `{"$tensor": {dtype, shape, data}}` with its elements in row-major order, little-endian, as base64; a typed array
 * of one of these kinds is `{"$array": {dtype, data}}`, bytes being of the type "bool"; a number that is not finite, or -0, is `{"$number": "NaN"}`. A key that starts with "$" gets one "$" more. Fields that are undefined are left
 * out. Runs in Node and in browsers, all of which are little-endian.
 */
import type { Tensor } from "../engine/tensor/tensor.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
const NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

/** Throws an internal error for values that results do not hold, such as dates, maps and cycles. */
export function toWire(value: unknown): Json {
  return encode(value, "result", 0);
}

/** Throws a TypeError for JSON that {@link toWire} does not make. */
export function fromWire(json: Json): unknown {
  if (json === null || typeof json !== "object") return json;
  if (isList(json)) return json.map(fromWire);
  if (json["$tensor"] !== undefined) return decodeTensor(json["$tensor"]);
  if (json["$array"] !== undefined) return decodeArray(json["$array"]);
  if (json["$number"] !== undefined) return decodeNumber(json["$number"]);
  return Object.fromEntries(
    Object.entries(json).map(([key, item]) => [key.startsWith("$") ? key.slice(1) : key, fromWire(item)]),
  );
}

const MAX_DEPTH = 100;

function encode(value: unknown, at: string, depth: number): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : spelled(value);
  if (depth > MAX_DEPTH) throw new Error(`internal: ${at} lies too deep, or holds itself`);
  if (Array.isArray(value)) return value.map((item, i) => encode(item, `${at}[${i}]`, depth + 1));
  if (ArrayBuffer.isView(value)) return encodeArray(value, at);
  if (!isPlain(value)) throw new Error(`internal: ${at} cannot be sent: ${Object.prototype.toString.call(value)}`);
  if (isTensor(value)) return encodeTensor(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key.startsWith("$") ? `$${key}` : key, encode(item, `${at}.${key}`, depth + 1)]),
  );
}

const spelled = (value: number): Json => ({ $number: Object.is(value, -0) ? "-0" : String(value) });

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isTensor(value: Record<string, unknown>): value is Record<string, unknown> & Tensor {
  const { dtype, data } = value;
  return typeof dtype === "string" && Object.hasOwn(ARRAYS, dtype) && ArrayBuffer.isView(data);
}

function encodeTensor({ dtype, shape, data }: Tensor): Json {
  return { $tensor: { dtype, shape: [...shape], data: toBase64(data) } };
}

function encodeArray(array: ArrayBufferView, at: string): Json {
  const dtype = Object.entries(ARRAYS).find(([, kind]) => array.constructor === kind)?.[0];
  if (dtype === undefined) throw new Error(`internal: ${at} cannot be sent: ${Object.prototype.toString.call(array)}`);
  return { $array: { dtype, data: toBase64(array) } };
}

function decodeArray(json: Json): Tensor["data"] {
  const { dtype, data } = (json ?? {}) as Readonly<Record<string, Json>>;
  if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype) || typeof data !== "string") throw malformed("list");
  const kind = ARRAYS[dtype as keyof typeof ARRAYS];
  const buffer = fromBase64(data);
  if (buffer.byteLength % kind.BYTES_PER_ELEMENT !== 0) throw malformed("list");
  return new kind(buffer);
}

function decodeTensor(json: Json): Tensor {
  const { dtype, shape, data } = (json ?? {}) as Readonly<Record<string, Json>>;
  if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype) || typeof data !== "string") throw malformed("tensor");
  const type = dtype as keyof typeof ARRAYS;
  const buffer = fromBase64(data);
  const sizes = shape as readonly number[];
  const elements = sizes.reduce((product, size) => product * size, 1);
  if (buffer.byteLength !== elements * ARRAYS[type].BYTES_PER_ELEMENT) throw malformed("tensor");
  return { dtype: type, shape: sizes, data: new ARRAYS[type](buffer) };
}

function decodeNumber(json: Json): number {
  if (typeof json !== "string" || !Object.hasOwn(NUMBERS, json)) throw malformed("number");
  return NUMBERS[json]!;
}

const malformed = (what: string): TypeError => new TypeError(`not a ${what} of a job's result`);

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** A multiple of 3, so that pieces join; few enough to be a function's arguments. */
const PIECE = 0x3000;

function toBase64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    // Spread, bytes would be taken one by one: six times as slow.
    const piece = bytes.subarray(at, at + PIECE) as ArrayLike<number> as number[];
    text += btoa(String.fromCharCode.apply(undefined, piece));
  }
  return text;
}

function fromBase64(text: string): ArrayBuffer {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes.buffer;
}
