/** `vitrine bench idempotent`: a step of training beside PyTorch's, and the projection of one picture. */
import { inBenchFolder, progress, rounded } from "./common.js";
import { PROJECTED } from "./idempotent-model.js";
import { measureInTurns, median, worker } from "./measure.js";
import { peersNamed, whyAbsent } from "./peers.js";
import { measureModel, type TrainBench } from "./train.js";
import { trainSummary } from "./train-summary.js";

export interface IdempotentBenchOptions {
  readonly rounds: number;
  readonly peers: string;
}

/** What `--json` prints. */
export interface IdempotentBench {
  /** Medians, of one picture of 64 × 64, by width. */
  readonly projection_ms: Readonly<Record<string, number>>;
  readonly training: TrainBench;
}

export async function benchIdempotent({ rounds, peers }: IdempotentBenchOptions): Promise<IdempotentBench> {
  // The others have no such step.
  const asked = peersNamed(peers).filter((peer) => peer === "torch");
  const absent = new Map(asked.map((peer) => [peer, whyAbsent(peer)]));
  return inBenchFolder(async (folder, ending) => {
    const names = Object.keys(PROJECTED);
    const workloads = Object.fromEntries(names.map((name) => [name, worker("idempotent-worker.js", [name])]));
    progress("projection: starting");
    const series = await measureInTurns(workloads, { rounds, ending }, (done) => {
      progress(`projection: round ${done} of ${rounds}`);
    });
    const projections = names.map((name) => [name, rounded(median(series[name]!.milliseconds))]);
    return {
      projection_ms: Object.fromEntries(projections) as Record<string, number>,
      training: await measureModel("idempotent", absent, { folder, ending, rounds }),
    };
  });
}

export function idempotentSummary({ projection_ms: projections, training }: IdempotentBench): string {
  const lines = Object.entries(projections).map(([name, ms]) => {
    const { width } = PROJECTED[name]!;
    return `  width ${String(width).padEnd(8)}${`${ms} ms`.padStart(16)}   ${name === "zoo" ? "as in the zoo" : "as in the paper"}\n`;
  });
  return `projection of one picture of 64 × 64, medians of ${training.rounds} rounds\n${lines.join("")}\n${trainSummary([training])}`;
}
