/** `vitrine bench train`: steps of training in Vitrine and in other frameworks, on the same numbers. */
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { ALL_TRAIN_MODELS, type AnyTrainModelName } from "./all-train-models.js";
import { inBenchFolder, matmulRate, progress, rounded } from "./common.js";
import { measureInTurns, median, type Series, type Workload, worker } from "./measure.js";
import { type Peer, PEERS, peersNamed, peerWorkloads, whyAbsent } from "./peers.js";
import { trainCosts } from "./train-costs.js";
import { tensorOf, type Start, TRAIN_MODELS, type TrainModelName } from "./train-models.js";

/** A peer's further rounds would only make the others wait. */
const ENOUGH_MS = 20_000;
/** Losses are compared over so many steps: later ones carry what rounding made of the earlier ones. */
const COMPARED_STEPS = 5;
const LOSS_TOLERANCE = 1e-3;

export interface TrainBenchOptions {
  readonly rounds: number;
  readonly model?: string;
  readonly peers: string;
}

/** What `--json` prints a list of. Medians over the rounds; MB are 10⁶ bytes; null where there is no figure. */
export interface TrainBench {
  readonly model: AnyTrainModelName;
  readonly rounds: number;
  readonly vitrine_ms: number;
  readonly peers: Record<`${Peer}_ms`, number | null>;
  /** How many times as long a peer takes. */
  readonly ratios: Record<Peer, number | null>;
  /** The number of threads with which PyTorch is faster. */
  readonly torch_threads: number | null;
  /** Of the process that trains with Vitrine. */
  readonly vitrine_peak_mb: number;
  /** Of that, before the model is made. */
  readonly vitrine_base_mb: number;
  /** Parameters, gradients, moments and the activations that the backward pass reads. */
  readonly vitrine_needed_mb: number;
  /** Matrix products and convolutions of one step. */
  readonly gflop: number;
  readonly gflops: number;
  /** Rate of one product of square matrices, 1024 on each side. */
  readonly matmul_gflops: number;
  /** Largest relative difference of a peer's losses from Vitrine's, over the first steps. */
  readonly loss_differences: Record<Peer, number | null>;
  readonly notes: readonly string[];
}

export async function benchTrain({ rounds, model, peers }: TrainBenchOptions): Promise<TrainBench[]> {
  const models = model === undefined ? (Object.keys(TRAIN_MODELS) as TrainModelName[]) : [modelNamed(model)];
  const asked = peersNamed(peers);
  const absent = new Map(asked.map((peer) => [peer, whyAbsent(peer)]));
  return inBenchFolder(async (folder, ending) => {
    const results: TrainBench[] = [];
    for (const name of models) results.push(await measureModel(name, absent, { folder, ending, rounds }));
    return results;
  });
}

function modelNamed(name: string): TrainModelName {
  if (Object.hasOwn(TRAIN_MODELS, name)) return name as TrainModelName;
  throw new UsageError({ what: "unknown model", got: name, expected: Object.keys(TRAIN_MODELS).join(", ") });
}

/** Of one model, beside the peers that are not `absent`. */
export async function measureModel(
  name: AnyTrainModelName,
  absent: ReadonlyMap<Peer, string | undefined>,
  { folder, ending, rounds }: { readonly folder: string; readonly ending: AbortSignal; readonly rounds: number },
): Promise<TrainBench> {
  const file = join(folder, `${name}.safetensors`);
  const present = [...absent].filter(([, why]) => why === undefined).map(([peer]) => peer);
  if (present.length > 0) await writeStart(file, name);
  const workloads: Record<"vitrine" | "matmul", Workload> = {
    vitrine: worker("train-worker.js", [name]),
    matmul: worker("worker.js", ["matmul"]),
    ...Object.fromEntries(present.flatMap((peer) => Object.entries(peerWorkloads(peer, name, file)))),
  };
  progress(`${name}: starting`);
  const series = await measureInTurns(workloads, { rounds, ending, enoughMs: ENOUGH_MS }, (done) => {
    progress(`${name}: round ${done} of ${rounds}`);
  });
  const { vitrine, matmul } = series;
  const outcomes = new Map(
    [...absent].map(([peer, why]) => [peer, why === undefined ? outcomeOf(peer, series, vitrine) : { note: why }]),
  );
  return report(name, rounds, { vitrine, matmul }, outcomes);
}

/** What all peers start from. */
async function writeStart(file: string, name: AnyTrainModelName): Promise<void> {
  const { x, target, parameters } = ALL_TRAIN_MODELS[name];
  const given = (start: Start): Start => ({ ...start, name: `input.${start.name}` });
  const tensors = [given(x), given(target), ...parameters].map((start) => {
    const { name: key, shape } = start;
    // An input's numbers are those of its own name, without the prefix.
    const { data } = tensorOf(key.startsWith("input.") ? { ...start, name: key.slice("input.".length) } : start);
    return { name: key, shape, data, dtype: data instanceof Int32Array ? ("I32" as const) : ("F32" as const) };
  });
  await writeSafetensors(file, tensors);
}

interface Outcome {
  readonly ms?: number;
  readonly threads?: number;
  readonly lossDifference?: number;
  readonly note?: string;
}

/** The figures of a peer that did the same work as Vitrine, or why there are none. */
function outcomeOf(peer: Peer, all: Readonly<Record<string, Series>>, vitrine: Series): Outcome {
  const names = peer === "torch" ? ["torch1", "torch2"] : [peer];
  const series = names.map((name) => all[name]!);
  const failed = series.find(({ failure }) => failure !== undefined);
  if (failed !== undefined) return { note: failed.failure! };
  const lossDifference = Math.max(...series.map((one) => differenceOf(one, vitrine)));
  if (!(lossDifference <= LOSS_TOLERANCE)) {
    return { lossDifference, note: "its losses differ from Vitrine's: it did other work, and has no figure" };
  }
  const medians = series.map(({ milliseconds }) => median(milliseconds));
  const fastest = medians.indexOf(Math.min(...medians));
  const note = series[fastest]!.answers.at(-1)!.note;
  return {
    ms: medians[fastest]!,
    lossDifference,
    ...(peer === "torch" && { threads: fastest + 1 }),
    ...(note !== undefined && { note }),
  };
}

function differenceOf(a: Series, b: Series): number {
  const differences = a.answers
    .slice(0, COMPARED_STEPS)
    .map(({ loss }, step) => Math.abs(loss! / b.answers[step]!.loss! - 1));
  // NaN stays NaN.
  return differences.reduce((largest, x) => (x <= largest ? largest : x), 0);
}

function report(
  model: AnyTrainModelName,
  rounds: number,
  { vitrine, matmul }: Readonly<Record<"vitrine" | "matmul", Series>>,
  outcomes: ReadonlyMap<Peer, Outcome>,
): TrainBench {
  const ms = median(vitrine.milliseconds);
  const { flops, neededBytes } = trainCosts(ALL_TRAIN_MODELS[model]);
  const perPeer = <T>(of: (outcome: Outcome) => T | undefined): Record<Peer, T | null> =>
    Object.fromEntries(PEERS.map((peer) => [peer, of(outcomes.get(peer) ?? {}) ?? null])) as Record<Peer, T | null>;
  const times = perPeer((outcome) => outcome.ms);
  const round = (x: number | undefined): number | undefined => (x === undefined ? x : rounded(x));
  return {
    model,
    rounds,
    vitrine_ms: rounded(ms),
    peers: {
      tfjs_ms: times.tfjs && rounded(times.tfjs),
      jaxjs_ms: times.jaxjs && rounded(times.jaxjs),
      torch_ms: times.torch && rounded(times.torch),
    },
    ratios: perPeer((outcome) => round(outcome.ms === undefined ? undefined : outcome.ms / ms)),
    torch_threads: outcomes.get("torch")?.threads ?? null,
    vitrine_peak_mb: rounded(vitrine.peakBytes / 1e6),
    vitrine_base_mb: rounded(vitrine.answers[0]!.baseBytes! / 1e6),
    vitrine_needed_mb: rounded(neededBytes / 1e6),
    gflop: rounded(flops / 1e9),
    gflops: rounded(flops / ms / 1e6),
    matmul_gflops: matmulRate(matmul),
    loss_differences: perPeer((outcome) => round(outcome.lossDifference)),
    notes: [...outcomes].flatMap(([peer, { note }]) => (note === undefined ? [] : [`${peer}: ${note}`])),
  };
}
