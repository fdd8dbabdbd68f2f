/**
 * What training changes: named float32 tensors, in memory that sessions read in place and kernels write in place.
 */
import { UsageError } from "../errors.js";
import { input } from "../graph/ops/leaves.js";
import type { Value } from "../graph/value.js";
import { type Shape, showShape, sizeOf } from "../tensor/shape.js";
import { type FloatTensor, floatTensor } from "../tensor/tensor.js";
import { Arena, type Slot, type Track } from "./arena.js";
import { ParameterError } from "./errors.js";
import type { Initialiser } from "./initialise.js";
import { seeded } from "./seeds.js";

export interface ParameterDeclaration {
  readonly name: string;
  readonly shape: Shape;
  /** Default true. A frozen parameter gets no gradient and no moments, and checkpoints hold only a digest of it. */
  readonly trainable?: boolean;
  readonly initialise: Initialiser;
}

export interface ParametersOptions {
  readonly seed: number;
}

interface Parameter {
  readonly value: Value;
  readonly tensor: FloatTensor;
  /** Undefined for a frozen parameter. */
  readonly slot: Slot | undefined;
}

export class Parameters {
  /** Of the trainable ones. */
  readonly arena: Arena;
  readonly #parameters = new Map<string, Parameter>();

  /**
   * Each parameter's start is drawn from a stream of its own (seed and name), so that adding one changes no other's.
   * Throws {@link ParameterError} for a name declared twice or a bad shape.
   */
  constructor(declarations: readonly ParameterDeclaration[], { seed }: ParametersOptions) {
    checkDeclarations(declarations);
    const isTrainable = ({ trainable = true }: ParameterDeclaration): boolean => trainable;
    this.arena = new Arena(declarations.filter(isTrainable));
    const slots = new Map(this.arena.slots.map((slot) => [slot.name, slot]));
    for (const { name, shape, initialise } of declarations) {
      const slot = slots.get(name);
      const tensor =
        slot === undefined ? floatTensor(new Float32Array(sizeOf(shape)), shape) : this.arena.view("parameter", slot);
      initialise(tensor.data, seeded(seed, "parameter", name), shape);
      this.#parameters.set(name, { value: input(inputName(name), shape), tensor, slot });
    }
  }

  /** In the order of declaration. */
  get names(): string[] {
    return [...this.#parameters.keys()];
  }

  get trainable(): string[] {
    return this.arena.slots.map(({ name }) => name);
  }

  get frozen(): string[] {
    return this.names.filter((name) => this.#parameters.get(name)!.slot === undefined);
  }

  /** Numbers in the trainable parameters. */
  get trainableCount(): number {
    return this.arena.slots.reduce((sum, { length }) => sum + length, 0);
  }

  /** The parameter as a graph sees it: an input, which {@link inputs} feeds. Always the same value for a name. */
  value(name: string): Value {
    return this.#get(name).value;
  }

  /** The parameter on the host: a view that training changes, and that may be written to between steps. */
  tensor(name: string): FloatTensor {
    return this.#get(name).tensor;
  }

  /** A view of what belongs to a trainable parameter. Throws {@link ParameterError} for a frozen one. */
  trackOf(name: string, track: Track): FloatTensor {
    const { slot } = this.#get(name);
    if (slot === undefined) throw new ParameterError({ what: `a frozen parameter has no ${track}`, where: name });
    return this.arena.view(track, slot);
  }

  /**
   * What a program over these parameters must be given, beside its own inputs. `averaged` gives the running average in
   * place of the trainable parameters.
   */
  inputs({ averaged = false }: { readonly averaged?: boolean } = {}): Record<string, FloatTensor> {
    const entries = [...this.#parameters].map(([name, { tensor, slot }]) => [
      inputName(name),
      averaged && slot !== undefined ? this.arena.view("average", slot) : tensor,
    ]);
    return Object.fromEntries(entries) as Record<string, FloatTensor>;
  }

  #get(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter !== undefined) return parameter;
    throw new ParameterError({ what: "no such parameter", where: name, fix: "declare it" });
  }
}

/** The key of a parameter in the inputs of a program. */
export function inputName(name: string): string {
  return `param:${name}`;
}

function checkDeclarations(declarations: readonly ParameterDeclaration[]): void {
  const seen = new Set<string>();
  for (const { name, shape } of declarations) {
    if (seen.has(name)) throw new ParameterError({ what: "a parameter is declared twice", where: name });
    seen.add(name);
    if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
      throw new ParameterError({
        what: "bad shape of a parameter",
        where: name,
        got: showShape(shape),
        expected: "positive whole numbers",
      });
    }
  }
  if (declarations.length === 0) throw new UsageError({ what: "there are no parameters" });
}
