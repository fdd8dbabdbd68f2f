/**
 * A tower that can be run: its weights, its edits, and the programs compiled so far.
 */
import { UsageError } from "../../engine/errors.js";
import { compile, type Program } from "../../engine/runtime/compile.js";
import { ProgramCache } from "../../engine/runtime/program-cache.js";
import type { Device } from "../../engine/runtime/session.js";
import { buildWithSites, type Edits, select, type Selector } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";

/** A tower's graph under construction, for those who add to it. */
export interface TowerGraph<W> {
  /** [B, d_out], not normalised. */
  readonly features: Value;
  readonly weights: W;
  /** Names of the sites where an edit put another value. */
  readonly edited: ReadonlySet<string>;
  /** The value at a site, after edits. Throws `UnknownSiteError`. */
  site(name: string): Value;
  /** The values of all sites that a selector matches, in order. Throws `UnknownSiteError`. */
  sites(selector: Selector): readonly Value[];
}

export interface TowerDefinition<W> {
  readonly device: Device;
  readonly edits: Edits;
  /** Builds the graph for a batch of this size and returns its features; `length`: tokens of each text, by default the model's context. */
  readonly build: (batch: number, length?: number) => { readonly features: Value; readonly weights: W };
}

/** Adds to a tower's graph: what to compute beside or instead of the features. Each result is [B,…] float32. */
export type Extension<W, Name extends string> = (graph: TowerGraph<W>, batch: number) => Record<Name, Value>;

/** Encoding and one method beside it; each program holds a packed copy of the weights it uses. */
const PROGRAMS_KEPT = 3;
const LARGEST_BATCH = 8;
/** How many times the examples at hand a run may be padded to. */
const PADDING = 4;

export class Tower<W> {
  readonly #definition: TowerDefinition<W>;
  readonly #programs = new ProgramCache(PROGRAMS_KEPT);

  constructor(definition: TowerDefinition<W>) {
    this.#definition = definition;
  }

  /** Builds the graph without running it, as {@link Tower.run} would for a batch of this size. */
  graph(batch = 1, length?: number): TowerGraph<W> & { readonly names: readonly string[] } {
    const { edits, build } = this.#definition;
    const { result, sites, edited } = buildWithSites(() => build(batch, length), edits);
    return {
      ...result,
      edited,
      names: [...sites.keys()],
      site: (name) => sites.get(select(sites.keys(), name)[0]!)!,
      sites: (selector) => select(sites.keys(), selector).map((name) => sites.get(name)!),
    };
  }

  /**
   * Runs over `rows` of per-example inputs ([B,…] each) in batches; a last, partial batch is padded and cut.
   * `key` names the extension: one key, one graph. `shared` inputs go to every batch as they are. `batch` is the largest
   * number of examples per run; default 8. Throws {@link UsageError} for a batch that is not a whole number from 1.
   */
  async run<Name extends string>(
    key: string,
    rows: Readonly<Record<string, Tensor>>,
    extend: Extension<W, Name>,
    { shared = {}, batch: most = LARGEST_BATCH, length }: RunOptions = {},
  ): Promise<Record<Name, FloatTensor>> {
    if (!Number.isInteger(most) || most < 1) {
      throw new UsageError({ what: "unusable batch size", got: String(most), expected: "a whole number from 1" });
    }
    const count = Object.values(rows)[0]!.shape[0]!;
    const graphKey = length === undefined ? key : `${key}, ${length} tokens`;
    const batch = this.#batchSize(graphKey, count, most);
    const make = (): Promise<Program<Name>> => compile(extend(this.graph(batch, length), batch), this.#definition);
    return this.#programs.use(`${graphKey}:${batch}`, make, async (program) => {
      const parts: Record<string, Tensor>[] = [];
      for (let start = 0; start < count; start += batch) {
        const fed = Object.entries(rows).map(([name, tensor]) => [name, paddedRows(tensor, start, batch)] as const);
        parts.push(await program.run({ ...Object.fromEntries(fed), ...shared }));
      }
      const names = Object.keys(parts[0]!) as Name[];
      const joined = names.map((name) => [
        name,
        joinRows(
          parts.map((part) => part[name]!),
          count,
        ),
      ]);
      return Object.fromEntries(joined) as Record<Name, FloatTensor>;
    });
  }

  /** Lets runs under way finish, then frees all native memory. */
  dispose(): Promise<void> {
    return this.#programs.dispose();
  }

  /** A size that a program is there for, if padding to it costs less than making another program. */
  #batchSize(key: string, count: number, most: number): number {
    const wanted = Math.min(count, most);
    const made = this.#programs
      .keys()
      .filter((name) => name.startsWith(`${key}:`))
      .map((name) => Number(name.slice(key.length + 1)))
      .filter((size) => size >= wanted && size <= Math.min(most, PADDING * wanted));
    return Math.min(...made, ...(made.length === 0 ? [wanted] : []));
  }
}

export interface RunOptions {
  readonly shared?: Readonly<Record<string, Tensor>>;
  readonly batch?: number;
  /** Of the texts in `rows`; by default the model's context. */
  readonly length?: number | undefined;
}

/** Rows `start` to `start + count`; missing ones repeat the last row, which is cut off again afterwards. */
function paddedRows(tensor: Tensor, start: number, count: number): Tensor {
  const { dtype, shape, data } = tensor;
  const stride = sizeOf(shape.slice(1));
  const available = Math.min(count, shape[0]! - start);
  const span = data.subarray(start * stride, (start + available) * stride);
  if (available === count) return { dtype, shape: [count, ...shape.slice(1)], data: span };
  const padded = new (data.constructor as new (length: number) => typeof data)(count * stride);
  padded.set(span);
  for (let row = available; row < count; row++)
    padded.copyWithin(row * stride, (available - 1) * stride, available * stride);
  return { dtype, shape: [count, ...shape.slice(1)], data: padded };
}

function joinRows(parts: readonly Tensor[], count: number): FloatTensor {
  const rest = parts[0]!.shape.slice(1);
  const stride = sizeOf(rest);
  if (parts.length === 1 && parts[0]!.shape[0] === count) return parts[0] as FloatTensor;
  const joined = new Float32Array(count * stride);
  let row = 0;
  for (const { data } of parts) {
    joined.set((data as Float32Array).subarray(0, (count - row) * stride), row * stride);
    row += data.length / stride;
  }
  return floatTensor(joined, [count, ...rest]);
}
