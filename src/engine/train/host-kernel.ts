/**
 * The optimiser on the CPU: one pass over parameters, gradients, moments and average, in place.
 *
 * @file A kernel of 4-lane WebAssembly is made for the optimiser's rule. It runs on one thread: memory is the limit, so a
 * second one gains nothing. docs/training.md has the measurements.
 */
import { type Arena, type Track, TRACKS } from "./arena.js";
import type { Optimiser } from "./optimisers.js";
import { type Range, rangesOf } from "./ranges.js";
import type { Arithmetic, Element, UpdateRule } from "./rules.js";
import * as wasm from "./wasm.js";
import { Instance, Module } from "./web-assembly.js";

export interface UpdateOptions {
  /** Updates that came before this one. */
  readonly count: number;
  /** Factor on all gradients: what clipping comes to. */
  readonly gradientScale: number;
}

/** Elements that a kernel handles per round. */
const LANES = 4;
const BYTES = 4 * LANES;

export class HostKernel {
  readonly #arena: Arena;
  readonly #optimiser: Optimiser;
  readonly #ranges: readonly Range[];
  readonly #freshShare: number;
  readonly #update: (...addressesAndScalars: number[]) => void;
  readonly #sumOfSquares: (start: number, end: number) => number;

  /** `average`: the share of the old value that the running average keeps per update; undefined for no average. */
  constructor(arena: Arena, optimiser: Optimiser, average: number | undefined) {
    this.#arena = arena;
    this.#optimiser = optimiser;
    this.#ranges = rangesOf(arena.slots, optimiser);
    this.#freshShare = 1 - (average ?? 0);
    const code = wasm.assemble([updateFunction(optimiser.rule, average !== undefined), SUM_OF_SQUARES]);
    const host = { memory: arena.memory };
    const { exports } = new Instance(new Module(code), { host });
    this.#update = exports["update"] as (...values: number[]) => void;
    this.#sumOfSquares = exports["sumOfSquares"] as (start: number, end: number) => number;
  }

  /** Euclidean norm of all gradients together, summed in float64: NaN or infinite exactly when one of them is. */
  gradientNorm(): number {
    const start = this.#arena.address("gradient", 0);
    return Math.sqrt(this.#sumOfSquares(start, start + 4 * this.#arena.length));
  }

  update({ count, gradientScale }: UpdateOptions): void {
    const rate = this.#optimiser.rate(count);
    for (const { start, end, decay, lrScale } of this.#ranges) {
      const addresses = TRACKS.map((track) => this.#arena.address(track, start));
      const scalars = this.#optimiser.rule.scalars(count, rate * lrScale, decay);
      const last = this.#arena.address("parameter", end);
      this.#update(...addresses, last, gradientScale, this.#freshShare, ...Object.values(scalars));
    }
  }
}

/** Parameters: an address per track, the end of the parameters, gradient scale, fresh share, the rule's scalars. */
function updateFunction(rule: UpdateRule, averages: boolean): wasm.WasmFunction {
  const names = ["gradientScale", "freshShare", ...Object.keys(rule.scalars(0, 0, 0))];
  const end = TRACKS.length;
  const firstLane = end + 1 + names.length;
  const pointer = (track: Track): number => TRACKS.indexOf(track);
  const code: number[] = [];
  let locals = 0;
  const keep = (value: wasm.Code): wasm.Code => {
    const local = firstLane + locals++;
    code.push(...wasm.set(local, value));
    return wasm.get(local);
  };
  const put = (track: Track, value: wasm.Code): void => void code.push(...wasm.store(pointer(track), value));
  const math: Arithmetic<wasm.Code> = { ...wasm, keep };

  const scalars = Object.fromEntries(names.map((name, i) => [name, keep(wasm.splat(end + 1 + i))]));
  const prologue = code.splice(0);
  const element: Element<wasm.Code> = {
    parameter: keep(wasm.load(pointer("parameter"))),
    gradient: keep(wasm.mul(wasm.load(pointer("gradient")), scalars["gradientScale"]!)),
    moment1: wasm.load(pointer("moment1")),
    moment2: wasm.load(pointer("moment2")),
  };
  const updated = rule.apply(math, element, scalars);
  const parameter = keep(updated.parameter);
  put("parameter", parameter);
  if (updated.moment1 !== undefined) put("moment1", updated.moment1);
  if (updated.moment2 !== undefined) put("moment2", updated.moment2);
  if (averages) {
    const old = keep(wasm.load(pointer("average")));
    put("average", wasm.add(old, wasm.mul(wasm.sub(parameter, old), scalars["freshShare"]!)));
  }
  return {
    name: "update",
    parameters: [...TRACKS.map(() => wasm.I32), wasm.I32, ...names.map(() => wasm.F32)],
    locals: Array.from({ length: locals }, () => wasm.V128),
    body: [...prologue, ...wasm.loop(TRACKS.map(pointer), end, BYTES, code)],
  };
}

/** (start, end) of a range of whole cache lines to the sum of its squares; four sums of two lanes run side by side. */
const SUM_OF_SQUARES = ((): wasm.WasmFunction => {
  const [start, end, floats, doubles, firstSum] = [0, 1, 2, 3, 4];
  const square = (sum: number, value: wasm.Code): wasm.Code => [
    ...wasm.set(doubles, value),
    ...wasm.set(sum, wasm.addF64(wasm.get(sum), wasm.mulF64(wasm.get(doubles), wasm.get(doubles)))),
  ];
  const half = (offset: number, sum: number): wasm.Code => [
    ...wasm.set(floats, wasm.load(start, offset)),
    ...square(sum, wasm.lowToF64(wasm.get(floats))),
    ...square(sum + 1, wasm.highToF64(floats)),
  ];
  const sums = [0, 1, 2, 3].map((i) => wasm.get(firstSum + i)) as [wasm.Code, wasm.Code, wasm.Code, wasm.Code];
  return {
    name: "sumOfSquares",
    parameters: [wasm.I32, wasm.I32],
    result: wasm.F64,
    locals: Array.from({ length: 6 }, () => wasm.V128),
    body: [
      ...wasm.loop([start], end, 2 * BYTES, [...half(0, firstSum), ...half(BYTES, firstSum + 2)]),
      ...wasm.set(doubles, wasm.addF64(wasm.addF64(sums[0], sums[1]), wasm.addF64(sums[2], sums[3]))),
      ...wasm.sumF64(doubles),
    ],
  };
})();
