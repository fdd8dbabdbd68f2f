/** `vitrine bench neurons`: what the effects of a layer's neurons cost beside a plain forward pass, and their texts. */
import { loadClip } from "../../models/clip/load.js";
import { writeRandomCheckpoint } from "../../models/clip/random-checkpoint.js";
import { inBenchFolder, matmulRate, progress, rounded } from "./common.js";
import { architectureNamed } from "./decompose.js";
import { measureInTurns, median, worker } from "./measure.js";
import { ATOMS, TEXTS } from "./sizes.js";

export interface NeuronsBenchOptions {
  readonly arch: string;
  readonly batch: number;
  readonly rounds: number;
}

/** What `--json` prints. Medians over the rounds; MB are 10⁶ bytes. */
export interface NeuronsBench {
  readonly arch: string;
  readonly batch: number;
  readonly rounds: number;
  /** Whose neurons: two layers of heads follow, as in the paper's main figures. */
  readonly layer: number;
  readonly neurons: number;
  /** Per picture. */
  readonly plain_ms: number;
  /**
   * Second-order effects of all neurons of the layer, per picture: of each neuron a coefficient for every later head, which is all that
   * an effect has of a picture, and what every statistic over pictures is computed from.
   */
  readonly effects_ms: number;
  /** Median of the rounds' ratios. */
  readonly ratio: number;
  /** The same written out, as vectors of the shared space. */
  readonly written_ms: number;
  readonly written_ratio: number;
  /** What of them is written, per picture. */
  readonly written_mb: number;
  /** Rate of one product of square matrices, 1024 on each side. */
  readonly matmul_gflops: number;
  /** Of the process that computes effects. */
  readonly peak_rss_mb: number;
  readonly texts: number;
  readonly atoms: number;
  /** Texts of all neurons, once. */
  readonly sparse_seconds: number;
  /** Rate of its products alone, counting all of its time. */
  readonly sparse_gflops: number;
  readonly sparse_peak_rss_mb: number;
}

export async function benchNeurons({ arch, batch, rounds }: NeuronsBenchOptions): Promise<NeuronsBench> {
  const architecture = architectureNamed(arch);
  const { layers, hidden } = architecture.vision;
  const layer = Math.max(0, layers - 3);
  return inBenchFolder(async (folder, ending) => {
    progress(`writing random weights of ${arch}`);
    await writeRandomCheckpoint(folder, architecture, { seed: 1, activation: "gelu", visionOnly: true });
    progress("loading");
    await using clip = await loadClip(folder);
    const { features } = clip.parts.vision;
    const workloads = {
      plain: worker("worker.js", ["plain", folder, String(batch)]),
      effects: worker("worker.js", ["coefficients", folder, String(batch), String(layer)]),
      written: worker("worker.js", ["effects", folder, String(batch), String(layer)]),
      matmul: worker("worker.js", ["matmul"]),
    };
    const { plain, effects, written, matmul } = await measureInTurns(workloads, { rounds, ending }, (done) => {
      progress(`round ${done} of ${rounds}`);
    });
    progress(`${ATOMS} of ${TEXTS} texts for each of ${hidden} neurons`);
    const sparse = { sparse: worker("worker.js", ["sparse", ...[hidden, TEXTS, features].map(String)]) };
    // It takes too long to be worth a second run: the one to warm up is the one that counts.
    const { answers } = (await measureInTurns(sparse, { rounds: 0, ending }, () => undefined)).sparse;
    const { milliseconds, peakBytes } = answers[0]!;
    const ratio = ({ milliseconds: times }: typeof effects): number =>
      rounded(median(plain.milliseconds.map((ms, round) => times[round]! / ms)));
    return {
      arch,
      batch,
      rounds,
      layer,
      neurons: hidden,
      plain_ms: rounded(median(plain.milliseconds) / batch),
      effects_ms: rounded(median(effects.milliseconds) / batch),
      ratio: ratio(effects),
      written_ms: rounded(median(written.milliseconds) / batch),
      written_ratio: ratio(written),
      written_mb: rounded((4 * hidden * features) / 1e6),
      matmul_gflops: matmulRate(matmul),
      peak_rss_mb: rounded(effects.peakBytes / 1e6),
      texts: TEXTS,
      atoms: ATOMS,
      sparse_seconds: rounded(milliseconds / 1000),
      sparse_gflops: rounded((2 * ATOMS * hidden * TEXTS * features) / milliseconds / 1e6),
      sparse_peak_rss_mb: rounded(peakBytes / 1e6),
    };
  });
}

export function neuronsSummary(r: NeuronsBench): string {
  const rows = [
    ["plain forward", `${r.plain_ms} ms/image`],
    [
      "second-order effects",
      `${r.effects_ms} ms/image`,
      `${r.ratio} × plain, all ${r.neurons} neurons of layer ${r.layer}`,
    ],
    ["  written out", `${r.written_ms} ms/image`, `${r.written_ratio} × plain, ${r.written_mb} MB an image`],
    ["peak memory", `${r.peak_rss_mb} MB`],
    ["matmul 1024³", `${r.matmul_gflops} GFLOP/s`],
    ["texts of all neurons", `${r.sparse_seconds} s`, `${r.atoms} of ${r.texts} each, one run`],
    [
      "  their products",
      `${r.sparse_gflops} GFLOP/s`,
      `${rounded(r.sparse_gflops / r.matmul_gflops)} × the matmul rate`,
    ],
    ["  peak memory", `${r.sparse_peak_rss_mb} MB`],
  ];
  const lines = rows.map(([name, value, note]) =>
    `  ${name!.padEnd(22)}${value!.padStart(18)}   ${note ?? ""}`.trimEnd(),
  );
  return `${r.arch}, random weights, batch ${r.batch}, medians of ${r.rounds} paired rounds\n${lines.join("\n")}\n`;
}
