/** `vitrine bench`: speed and memory, as ratios measured in one run. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { countFlops } from "../../engine/graph/flops.js";
import { ARCHITECTURES, type ArchitectureName } from "../../models/clip/architectures.js";
import { loadClip } from "../../models/clip/load.js";
import { writeRandomCheckpoint } from "../../models/clip/random-checkpoint.js";
import { measureInTurns, median } from "../bench/measure.js";
import { MATMUL_REPEATS, MATMUL_SIZE } from "../bench/sizes.js";
import type { GlobalOptions } from "../fail.js";

export interface BenchOptions extends GlobalOptions {
  readonly arch: string;
  readonly batch: number;
  readonly rounds: number;
}

/** What `--json` prints. Medians over the rounds; MB are 10⁶ bytes. */
export interface DecomposeBench {
  readonly arch: string;
  readonly batch: number;
  readonly rounds: number;
  /** Per picture. */
  readonly plain_ms: number;
  readonly decompose_ms: number;
  /** Median of the rounds' ratios. */
  readonly ratio: number;
  /** Rate of the plain forward pass, counting matrix products and convolutions. */
  readonly gflops: number;
  /** Rate of one product of square matrices, 1024 on each side. */
  readonly matmul_gflops: number;
  /** Of the process that decomposes. */
  readonly peak_rss_mb: number;
  readonly weights_mb: number;
  /** Head coordinates and scalars, as stored. */
  readonly bytes_per_image: number;
}

export async function runBench(what: string, options: BenchOptions): Promise<void> {
  if (what !== "decompose") {
    throw new UsageError({ what: "nothing to measure under this name", got: what, expected: "decompose" });
  }
  const result = await benchDecompose(options);
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : summary(result));
}

async function benchDecompose({ arch, batch, rounds }: BenchOptions): Promise<DecomposeBench> {
  if (!(arch in ARCHITECTURES)) {
    const expected = Object.keys(ARCHITECTURES).join(", ");
    throw new UsageError({ what: "unknown architecture", got: arch, expected });
  }
  const folder = await mkdtemp(join(tmpdir(), "vitrine-bench-"));
  try {
    const architecture = ARCHITECTURES[arch as ArchitectureName];
    progress(`writing random weights of ${arch}`);
    await writeRandomCheckpoint(folder, architecture, { seed: 1, activation: "gelu", visionOnly: true });
    progress("loading");
    const series = await measureInTurns(["plain", "decompose", "matmul"], { folder, batch, rounds }, (done) => {
      progress(`round ${done} of ${rounds}`);
    });
    const { plain, decompose, matmul } = series;
    const clip = await loadClip(folder);
    const flops = countFlops([clip.vision.graph(batch).features]);
    const { layers, heads, width } = architecture.vision;
    const ratios = plain.milliseconds.map((ms, round) => decompose.milliseconds[round]! / ms);
    return {
      arch,
      batch,
      rounds,
      plain_ms: rounded(median(plain.milliseconds) / batch),
      decompose_ms: rounded(median(decompose.milliseconds) / batch),
      ratio: rounded(median(ratios)),
      gflops: rounded(flops / median(plain.milliseconds) / 1e6),
      matmul_gflops: rounded((MATMUL_REPEATS * 2 * MATMUL_SIZE ** 3) / median(matmul.milliseconds) / 1e6),
      peak_rss_mb: rounded(decompose.peakBytes / 1e6),
      weights_mb: rounded((await stat(join(folder, "open_clip_model.safetensors"))).size / 1e6),
      bytes_per_image: 4 * (layers * heads * (width / heads) + 3),
    };
  } finally {
    progress("");
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(r: DecomposeBench): string {
  const rows = [
    ["plain forward", `${r.plain_ms} ms/image`],
    ["decomposition", `${r.decompose_ms} ms/image`, `${r.ratio} × plain`],
    ["rate", `${r.gflops} GFLOP/s`, `${rounded(r.gflops / r.matmul_gflops)} × the matmul rate`],
    [`matmul ${MATMUL_SIZE}³`, `${r.matmul_gflops} GFLOP/s`],
    ["peak memory", `${r.peak_rss_mb} MB`, `weights ${r.weights_mb} MB + ${rounded(r.peak_rss_mb - r.weights_mb)} MB`],
    ["stored per image", `${r.bytes_per_image} bytes`],
  ];
  const lines = rows.map(([name, value, note]) =>
    `  ${name!.padEnd(18)}${value!.padStart(18)}   ${note ?? ""}`.trimEnd(),
  );
  return `${r.arch}, random weights, batch ${r.batch}, medians of ${r.rounds} paired rounds\n${lines.join("\n")}\n`;
}

function rounded(x: number): number {
  return Number(x.toPrecision(4));
}

/** One line on a terminal, replaced each time. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
}
