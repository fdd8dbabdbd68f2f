/** `vitrine bench decompose`: what reading costs, beside a plain forward pass. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { countFlops } from "../../engine/graph/flops.js";
import { ARCHITECTURES, type Architecture, TINY } from "../../models/clip/architectures.js";
import { loadClip } from "../../models/clip/load.js";
import { writeRandomCheckpoint } from "../../models/clip/random-checkpoint.js";
import { inBenchFolder, matmulRate, progress, rounded } from "./common.js";
import { measureInTurns, median, worker } from "./measure.js";
import { MATMUL_SIZE } from "./sizes.js";

export interface DecomposeBenchOptions {
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
  /** Head coordinates and scalars: every head's contribution, without loss. */
  readonly bytes_per_image: number;
  /** All that `decomposition.safetensors` holds of a picture by default: MLP contributions and image features too. */
  readonly file_bytes_per_image: number;
}

export async function benchDecompose(options: DecomposeBenchOptions): Promise<DecomposeBench> {
  const architecture = architectureNamed(options.arch);
  return inBenchFolder((folder, ending) => measureDecompose(architecture, folder, ending, options));
}

/** Published ones by name, and `tiny`, which shows at once that everything works. */
export function architectureNamed(arch: string): Architecture {
  const known: Readonly<Record<string, Architecture>> = { tiny: TINY, ...ARCHITECTURES };
  if (Object.hasOwn(known, arch)) return known[arch]!;
  throw new UsageError({ what: "unknown architecture", got: arch, expected: Object.keys(known).join(", ") });
}

async function measureDecompose(
  architecture: Architecture,
  folder: string,
  ending: AbortSignal,
  { arch, batch, rounds }: DecomposeBenchOptions,
): Promise<DecomposeBench> {
  progress(`writing random weights of ${arch}`);
  await writeRandomCheckpoint(folder, architecture, { seed: 1, activation: "gelu", visionOnly: true });
  progress("loading");
  const workloads = {
    plain: worker("worker.js", ["plain", folder, String(batch)]),
    decompose: worker("worker.js", ["decompose", folder, String(batch)]),
    matmul: worker("worker.js", ["matmul"]),
  };
  const { plain, decompose, matmul } = await measureInTurns(workloads, { rounds, ending }, (done) => {
    progress(`round ${done} of ${rounds}`);
  });
  const clip = await loadClip(folder);
  const flops = countFlops([clip.vision.graph(batch).features]);
  const ratios = plain.milliseconds.map((ms, round) => decompose.milliseconds[round]! / ms);
  return {
    arch,
    batch,
    rounds,
    plain_ms: rounded(median(plain.milliseconds) / batch),
    decompose_ms: rounded(median(decompose.milliseconds) / batch),
    ratio: rounded(median(ratios)),
    gflops: rounded(flops / median(plain.milliseconds) / 1e6),
    matmul_gflops: matmulRate(matmul),
    peak_rss_mb: rounded(decompose.peakBytes / 1e6),
    weights_mb: rounded((await stat(join(folder, "open_clip_model.safetensors"))).size / 1e6),
    ...storedBytes(architecture),
  };
}

/** Per picture, as float32; the tensors are those of `decompose --out`. */
function storedBytes({
  vision: { layers, width },
  features,
}: Architecture): Pick<DecomposeBench, "bytes_per_image" | "file_bytes_per_image"> {
  // The heads of a layer share its width: their coordinates are [layers, heads, width / heads].
  const heads = layers * width + 3;
  const others = (layers + 1) * features + features;
  return { bytes_per_image: 4 * heads, file_bytes_per_image: 4 * (heads + others) };
}

export function decomposeSummary(r: DecomposeBench): string {
  const rows = [
    ["plain forward", `${r.plain_ms} ms/image`],
    ["decomposition", `${r.decompose_ms} ms/image`, `${r.ratio} × plain`],
    ["rate", `${r.gflops} GFLOP/s`, `${rounded(r.gflops / r.matmul_gflops)} × the matmul rate`],
    [`matmul ${MATMUL_SIZE}³`, `${r.matmul_gflops} GFLOP/s`],
    ["peak memory", `${r.peak_rss_mb} MB`, `weights ${r.weights_mb} MB + ${rounded(r.peak_rss_mb - r.weights_mb)} MB`],
    ["head coordinates", `${r.bytes_per_image} bytes/image`, "all heads, without loss"],
    ["result file", `${r.file_bytes_per_image} bytes/image`, "heads, MLPs and features"],
  ];
  const lines = rows.map(([name, value, note]) =>
    `  ${name!.padEnd(18)}${value!.padStart(18)}   ${note ?? ""}`.trimEnd(),
  );
  return `${r.arch}, random weights, batch ${r.batch}, medians of ${r.rounds} paired rounds\n${lines.join("\n")}\n`;
}
