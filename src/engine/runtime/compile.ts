/**
 * Compiles values into programs.
 *
 * @file Programs of the same structure over the same weights share one session for as long as one of them lives.
 */
import { showType } from "../graph/errors.js";
import { lower, type LoweredGraph } from "../graph/lowering.js";
import type { OnnxValueInfo } from "../graph/onnx.js";
import type { Value } from "../graph/value.js";
import { sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { ProgramInputError } from "./errors.js";
import type { Device, Runtime, Session } from "./session.js";

export interface CompileOptions {
  /** Where to run; default "cpu". */
  readonly device?: Device;
}

type Into<Name extends string> = Readonly<Partial<Record<Name, Tensor>>>;

/** A compiled graph. Owns its session: dispose of it (or declare it with `await using`). */
export class Program<Name extends string = string> implements AsyncDisposable {
  /** By the names that {@link Program.run} takes. */
  readonly #inputs: ReadonlyMap<string, OnnxValueInfo>;
  readonly #outputs: ReadonlyMap<Name, OnnxValueInfo>;
  readonly #shared: SharedSession;
  readonly #running = new Set<Promise<unknown>>();
  #disposed = false;

  /** Use {@link compile}. */
  constructor({ inputs, outputs }: Pick<LoweredGraph, "inputs" | "outputs">, shared: SharedSession) {
    this.#inputs = new Map(inputs.map((info) => [info.name.slice("in:".length), info]));
    this.#outputs = new Map(outputs.map((info) => [info.name.slice("out:".length) as Name, info]));
    this.#shared = shared;
  }

  /**
   * Runs the program once. `inputs` holds a tensor for each input of the graph, by name. Results named in `into` are
   * written into its tensors, where they lie; the others are new.
   * Throws {@link ProgramInputError} when a tensor is missing or does not fit.
   */
  async run(
    inputs: Readonly<Record<string, Tensor>>,
    into: Into<Name> = {} as Into<Name>,
  ): Promise<Record<Name, Tensor>> {
    if (this.#disposed) throw new Error("this program was disposed of");
    for (const [key, info] of this.#inputs) checkFit(key, info, inputs[key]);
    for (const [key, info] of this.#outputs) if (key in into) checkFit(key, info, into[key]);
    // Registered before anything is awaited, so that `dispose` waits for it.
    const run = this.#run(inputs, into);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  async #run(inputs: Readonly<Record<string, Tensor>>, into: Into<Name>): Promise<Record<Name, Tensor>> {
    const session = await this.#shared.session;
    const feeds = [...this.#inputs].map(([key, { name }]) => [name, inputs[key]!] as const);
    const targets = [...this.#outputs].map(([key, { name }]) => [name, into[key]] as const);
    const results = await session.run(Object.fromEntries(feeds), Object.fromEntries(targets));
    return Object.fromEntries([...this.#outputs].map(([key, { name }]) => [key, results[name]!])) as Record<
      Name,
      Tensor
    >;
  }

  /** Waits for runs under way, then frees the session unless another program shares it. Harmless when repeated. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.allSettled(this.#running);
    await release(this.#shared);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

interface SharedSession {
  readonly key: string;
  readonly session: Promise<Session>;
  users: number;
}

const live = new Map<string, SharedSession>();

/**
 * Prunes, lowers and makes ready what computes `outputs`. The program's results carry the same names.
 * Throws {@link DeviceUnavailableError} when the device is absent.
 */
export async function compile<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  { device = "cpu" }: CompileOptions = {},
): Promise<Program<Name>> {
  const runtime = await loadRuntime();
  const graph = lower(outputs);
  const key = `${device}:${await runtime.identify(graph)}`;
  const shared = live.get(key) ?? { key, session: runtime.createSession(graph, device), users: 0 };
  shared.users++;
  live.set(key, shared);
  try {
    await shared.session;
  } catch (error) {
    if (live.get(key) === shared) live.delete(key);
    throw error;
  }
  return new Program<Name>(graph, shared);
}

async function release(shared: SharedSession): Promise<void> {
  shared.users--;
  if (shared.users > 0) return;
  if (live.get(shared.key) === shared) live.delete(shared.key);
  await (await shared.session).release();
}

/** Imported on first use: the native library takes longer to load than the whole command line. package.json says which is whose. */
async function loadRuntime(): Promise<Runtime> {
  return (await import("#runtime")).runtime;
}

function checkFit(key: string, info: OnnxValueInfo, tensor: Tensor | undefined): void {
  if (tensor?.dtype === info.type && sameShape(tensor.shape, info.shape)) return;
  throw new ProgramInputError({
    what: "a tensor does not fit the program",
    where: key,
    got: tensor === undefined ? "nothing" : showType(tensor),
    expected: `${info.type} ${showType({ dtype: "float32", shape: info.shape })}`,
  });
}
