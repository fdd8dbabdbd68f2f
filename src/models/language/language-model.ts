/**
 * A causal language model that can be read, edited and run on: a prompt in one pass, whose every value is a site, then token by token
 * over a cache of fixed places.
 */
import { gather } from "../../engine/graph/ops/indexing.js";
import { input, weight } from "../../engine/graph/ops/leaves.js";
import { reshape, slice } from "../../engine/graph/ops/shaping.js";
import type { QuantisedMatrix } from "../../engine/graph/ops/quantised-linear.js";
import { buildWithSites, type Edits, select, type Selector } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import { compile } from "../../engine/runtime/compile.js";
import { ProgramCache } from "../../engine/runtime/program-cache.js";
import type { Device } from "../../engine/runtime/session.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { type FloatTensor, intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { mapWeights } from "../clip/weights.js";
import type { KeyValues } from "./block.js";
import type { LanguageConfig } from "./config.js";
import { LayerRangeError } from "./errors.js";
import { languageLogits, languageModel } from "./graph.js";
import { KeyValueCache } from "./key-value-cache.js";
import { rotaryTables, rotaryValues } from "./rotary.js";
import { isLanguageLeaf, isQuantised } from "./quantised.js";
import type { LanguageWeights } from "./weights.js";

/** What the model reads: how its tokens are embedded, and what that needs. */
export interface Prompt {
  /** One key, one graph. */
  readonly key: string;
  readonly batch: number;
  /** Tokens. */
  readonly length: number;
  /** [B,N,D] */
  readonly embed: (weights: LanguageWeights<Value>) => Value;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** A prompt's graph, for those who add to it. */
export interface PromptGraph {
  /** After the final norm [B,N,D]. */
  readonly hidden: Value;
  readonly weights: LanguageWeights<Value>;
  readonly keyValues: readonly KeyValues<Value>[];
  /** Of the norms. */
  readonly epsilon: number;
  /** Throws `UnknownSiteError`. */
  readonly site: (name: string) => Value;
  readonly sites: (selector: Selector) => readonly Value[];
}

/** A prompt whose first blocks have run. */
export interface PromptPrefix {
  /** The block to go on with. */
  readonly from: number;
  /** What it gets: [B,N,D]. */
  readonly stream: FloatTensor;
  /** By block, of those before. */
  readonly keyValues: readonly KeyValues<FloatTensor>[];
}

export interface PromptOptions {
  readonly edits?: Edits;
  /** Names the edits among those of this model; needed where there are any. */
  readonly editsKey?: string;
}

/** Each program holds a packed copy of the weights it uses: as many are kept as fit in so many bytes, within these bounds. */
const KEPT_BYTES = 512 * 1024 * 1024;
const KEPT_PROGRAMS = { least: 2, most: 24 };

export class LanguageModel implements AsyncDisposable {
  readonly config: LanguageConfig;
  readonly device: Device;
  readonly weights: LanguageWeights<StoredTensor>;
  readonly #programs: ProgramCache;

  constructor(weights: LanguageWeights<StoredTensor>, config: LanguageConfig, device: Device = "cpu") {
    this.config = config;
    this.device = device;
    this.weights = weights;
    const fitting = Math.floor(KEPT_BYTES / bytesOf(weights));
    this.#programs = new ProgramCache(Math.min(KEPT_PROGRAMS.most, Math.max(KEPT_PROGRAMS.least, fitting)));
  }

  /** Names of the sites of a prompt of `length` tokens. */
  siteNames(length = 2): string[] {
    return this.#graph(tokensPrompt([Array.from({ length }, () => 0)]), []).names;
  }

  /** Runs a prompt and computes what `extend` makes of its graph; `key` names the extension among those of this model. */
  async run<Name extends string>(
    key: string,
    prompt: Prompt,
    extend: (graph: PromptGraph) => Record<Name, Value>,
    { edits = [], editsKey = "" }: PromptOptions = {},
    inputs: Readonly<Record<string, Tensor>> = {},
  ): Promise<Record<Name, FloatTensor>> {
    return this.#programs.use(
      [key, prompt.key, prompt.batch, prompt.length, editsKey].join("|"),
      () => compile(extend(this.#graph(prompt, edits)), { device: this.device }),
      (program) => program.run({ ...prompt.inputs, ...inputs }) as Promise<Record<Name, FloatTensor>>,
    );
  }

  /** Logits [B,V] of what follows a prompt, and a cache that goes on from it in `sequences` sequences of up to `places` tokens. */
  async start(
    prompt: Prompt,
    { places, sequences = prompt.batch, ...options }: PromptOptions & { places: number; sequences?: number },
  ): Promise<{ readonly logits: FloatTensor; readonly cache: KeyValueCache }> {
    const results = await this.run(
      "start",
      prompt,
      ({ hidden, weights, keyValues }) => ({
        logits: lastLogits(hidden, weights),
        ...named(keyValues),
      }),
      options,
    );
    const cache = new KeyValueCache(this.config, sequences, places);
    cache.append(keyValuesOf(results, this.config.layers));
    return { logits: results.logits, cache };
  }

  /** What blocks from `from` on start with in a prompt, and what those before leave for later tokens. */
  async prefix(prompt: Prompt, from: number): Promise<PromptPrefix> {
    checkBlock(from, this.config.layers);
    const results = await this.run(`prefix:${from}`, prompt, ({ site, keyValues }) => ({
      stream: site(`lm.blocks.${from}.resid_pre`),
      ...named(keyValues.slice(0, from)),
    }));
    return { from, stream: results.stream, keyValues: keyValuesOf(results, from) };
  }

  /**
   * As {@link LanguageModel.start}, of a prompt whose first blocks have run: the others start with what `change` makes of their stream.
   * `key` names the change among those of this model, `inputs` are its inputs.
   */
  async startFrom(
    { from, stream, keyValues: before }: PromptPrefix,
    change: {
      readonly key: string;
      readonly apply: (x: Value) => Value;
      readonly inputs: Readonly<Record<string, Tensor>>;
    },
    { places, sequences }: { readonly places: number; readonly sequences: number },
  ): Promise<{ readonly logits: FloatTensor; readonly cache: KeyValueCache }> {
    const { shape } = stream;
    const build = (): Record<string, Value> => {
      const rotary = rotaryValues(this.config, shape[1]!);
      const weights = this.#values();
      const x = change.apply(input("stream", shape));
      const { hidden, keyValues } = languageModel({ x, from, rotary }, weights, this.config);
      return { logits: lastLogits(hidden, weights), ...named(keyValues) };
    };
    const results = await this.#programs.use(
      `from:${from}|${shape.join()}|${change.key}`,
      () => compile(build(), { device: this.device }),
      (program) => program.run({ stream, ...change.inputs }) as Promise<Record<string, FloatTensor>>,
    );
    const cache = new KeyValueCache(this.config, sequences, places);
    cache.append([...before, ...keyValuesOf(results, this.config.layers - from)]);
    return { logits: results["logits"]!, cache };
  }

  /** Reads one token [B] of each sequence and appends it to the cache; the logits [B,V] of what follows. */
  async step(tokens: readonly number[], cache: KeyValueCache): Promise<FloatTensor> {
    const { batch, places, blocks, mask } = cache;
    const { cos, sin } = rotaryTables(this.config, cache.length, 1);
    const feeds: Record<string, Tensor> = { tokens: intTensor(Int32Array.from(tokens), [batch, 1]), mask, cos, sin };
    for (const [i, { k, v }] of blocks.entries()) Object.assign(feeds, { [`pastK${i}`]: k, [`pastV${i}`]: v });
    const results = await this.#programs.use(
      `step|${batch}|${places}`,
      () => compile(this.#stepGraph(batch, places), { device: this.device }),
      (program) => program.run(feeds) as Promise<Record<string, FloatTensor>>,
    );
    cache.append(keyValuesOf(results, this.config.layers));
    return results["logits"]!;
  }

  /** Lets runs under way finish, then frees all native memory. */
  dispose(): Promise<void> {
    return this.#programs.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #graph(prompt: Prompt, edits: Edits): PromptGraph & { readonly names: string[] } {
    const rotary = rotaryValues(this.config, prompt.length);
    const { result, sites } = buildWithSites(() => {
      const weights = this.#values();
      return { ...languageModel({ x: prompt.embed(weights), rotary }, weights, this.config), weights };
    }, edits);
    return {
      ...result,
      epsilon: this.config.epsilon,
      names: [...sites.keys()],
      site: (name) => sites.get(select(sites.keys(), name)[0]!)!,
      sites: (selector) => select(sites.keys(), selector).map((name) => sites.get(name)!),
    };
  }

  #stepGraph(batch: number, places: number): Record<string, Value> {
    const { keyHeads, headWidth, layers } = this.config;
    // One token is a product of a vector with each matrix: what it takes is reading the matrices, if the products are quick enough.
    const weights = this.#values("int8");
    const at = (name: string): Value => input(name, [batch, keyHeads, places, headWidth]);
    const mask = input("mask", [places]);
    const past = Array.from({ length: layers }, (_, i) => ({ k: at(`pastK${i}`), v: at(`pastV${i}`), mask }));
    const rotary = { cos: input("cos", [1, headWidth / 2]), sin: input("sin", [1, headWidth / 2]) };
    const x = gather(weights.tokens, input("tokens", [batch, 1], "int32"));
    const { hidden, keyValues } = languageModel({ x, rotary, past }, weights, this.config);
    return { logits: lastLogits(hidden, weights), ...named(keyValues) };
  }

  #values(products: QuantisedMatrix["products"] = "float32"): LanguageWeights<Value> {
    const known = new Map<StoredTensor, Value>();
    return mapWeights(this.weights, isLanguageLeaf, (leaf): Value => {
      // Quantised matrices enter the graph as they are.
      if (isQuantised(leaf)) return { ...leaf, products } as unknown as Value;
      const value = known.get(leaf) ?? weight(leaf);
      known.set(leaf, value);
      return value;
    });
  }
}

/** Token ids, all sequences of one length, as a prompt. */
export function tokensPrompt(ids: readonly (readonly number[])[]): Prompt {
  const [batch, length] = [ids.length, ids[0]!.length];
  return {
    key: "tokens",
    batch,
    length,
    embed: ({ tokens }) => gather(tokens, input("tokens", [batch, length], "int32")),
    inputs: { tokens: intTensor(Int32Array.from(ids.flat()), [batch, length]) },
  };
}

function lastLogits(hidden: Value, weights: LanguageWeights<Value>): Value {
  const [batch, length] = hidden.shape as [number, number, number];
  return reshape(languageLogits(slice(hidden, 1, length - 1, length), weights), [batch, weights.head.shape[0]]);
}

/** As the runtime holds them: float32, but for quantised matrices. */
export function bytesOf(weights: LanguageWeights<StoredTensor>): number {
  let bytes = 0;
  mapWeights(weights, isLanguageLeaf, (leaf) => {
    bytes += isQuantised(leaf) ? sizeOf(leaf.packed.shape) + 4 * sizeOf(leaf.scales.shape) : 4 * sizeOf(leaf.shape);
  });
  return bytes;
}

/** For outputs, by names that {@link keyValuesOf} takes apart again. */
function named(keyValues: readonly KeyValues<Value>[]): Record<string, Value> {
  return Object.fromEntries(keyValues.flatMap(({ k, v }, i) => [[`k${i}`, k] as const, [`v${i}`, v] as const]));
}

function checkBlock(block: number, layers: number): void {
  if (Number.isInteger(block) && block >= 0 && block < layers) return;
  throw new LayerRangeError({
    what: "the language model has no such block",
    got: String(block),
    expected: `a whole number from 0 to ${layers - 1}`,
  });
}

function keyValuesOf(results: Readonly<Record<string, FloatTensor>>, layers: number): KeyValues<FloatTensor>[] {
  return Array.from({ length: layers }, (_, i) => ({ k: results[`k${i}`]!, v: results[`v${i}`]! }));
}
