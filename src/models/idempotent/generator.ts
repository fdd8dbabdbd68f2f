/** An idempotent generator that can be run. */
import { UsageError } from "../../engine/errors.js";
import { input } from "../../engine/graph/ops/leaves.js";
import type { Value } from "../../engine/graph/value.js";
import type { FloatTensor, Tensor } from "../../engine/tensor/tensor.js";
import { Tower } from "../clip/tower.js";
import type { IdempotentArchitecture } from "./architecture.js";
import { type Bank, bankStatistics } from "./banks.js";
import { batchStatistics, idempotentNetwork } from "./network.js";

/** What batch norms use: the statistics of the batch at hand, or a bank by its name. */
export type NormMode = "batch" | (string & {});

/** Which statistics serve which inputs where nothing else is asked for. */
export interface NormUse {
  readonly noise: NormMode;
  readonly pictures: NormMode;
}

export interface GeneratorParts {
  readonly architecture: IdempotentArchitecture;
  readonly weight: (name: string) => Value;
  /** What weights that are inputs of the graph are fed; asked for at each run. */
  readonly inputs?: () => Readonly<Record<string, Tensor>>;
  readonly banks: Readonly<Record<string, Bank>>;
  readonly use: NormUse;
}

export interface GeneratorRun {
  readonly mode: NormMode;
  /** Pictures a run, without effect on what comes out; default 64. With "batch" all are one batch. */
  readonly batch?: number;
}

const BATCH = 64;

/** Owns its programs: dispose of it (or declare it with `await using`). */
export class IdempotentGenerator implements AsyncDisposable {
  readonly parts: GeneratorParts;
  readonly #towers = new Map<NormMode, Tower<undefined>>();

  constructor(parts: GeneratorParts) {
    this.parts = parts;
  }

  /** The shape of one picture or one piece of noise. */
  get shape(): [channels: number, height: number, width: number] {
    const { channels, size } = this.parts.architecture;
    return [channels, size, size];
  }

  /** Of statistics of the data's spectrum: real and imaginary part of each frequency. */
  get spectrumShape(): number[] {
    return [...this.shape, 2];
  }

  get modes(): NormMode[] {
    return [...Object.keys(this.parts.banks), "batch"];
  }

  /** All sites by name, in order, with their shapes for one picture. */
  siteShapes(): Map<string, readonly number[]> {
    const graph = this.#tower(this.parts.use.pictures).graph();
    return new Map(graph.names.map((name) => [name, graph.site(name).shape.slice(1)]));
  }

  /**
   * f(x) of x [B,C,S,S]. Throws {@link UsageError} for a mode that the model has not, and for "batch" with a single picture, whose statistics
   * say nothing of it.
   */
  async run(x: FloatTensor, { mode, batch = BATCH }: GeneratorRun): Promise<FloatTensor> {
    const count = x.shape[0]!;
    if (mode === "batch" && count < 2) {
      throw new UsageError({
        what: "the statistics of a batch need several pictures",
        got: "one",
        expected: "2 at least",
        fix: `use another of its modes: ${Object.keys(this.parts.banks).join(", ")}`,
      });
    }
    const shared = this.parts.inputs?.() ?? {};
    const options = { shared, batch: mode === "batch" ? count : batch };
    // A program for another size of batch, padded, would let the padding into the statistics.
    const key = mode === "batch" ? `image ${count}` : "image";
    return (await this.#tower(mode).run(key, { pixels: x }, ({ features }) => ({ image: features }), options)).image;
  }

  /** Lets runs under way finish, then frees all native memory. */
  async dispose(): Promise<void> {
    for (const tower of this.#towers.values()) await tower.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #tower(mode: NormMode): Tower<undefined> {
    const { architecture, weight, banks } = this.parts;
    const bank = banks[mode];
    if (bank === undefined && mode !== "batch") {
      throw new UsageError({ what: "no such mode", got: mode, expected: this.modes.join(", ") });
    }
    const known = this.#towers.get(mode);
    if (known !== undefined) return known;
    const statistics = bank === undefined ? batchStatistics : bankStatistics(bank);
    const build = (batch: number): { features: Value; weights: undefined } => {
      const x = input("pixels", [batch, ...this.shape]);
      return { features: idempotentNetwork(x, { architecture, weight, statistics }), weights: undefined };
    };
    const tower = new Tower({ device: "cpu", edits: [], build });
    this.#towers.set(mode, tower);
    return tower;
  }
}
