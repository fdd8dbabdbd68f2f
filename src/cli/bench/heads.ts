/** `vitrine bench heads`: what streaming statistics of heads costs beside a plain forward pass, and TextSpan of all of them. */
import { headRowLayout, lastLayers } from "../../methods/decompose/head-rows.js";
import { loadClip } from "../../models/clip/load.js";
import { writeRandomCheckpoint } from "../../models/clip/random-checkpoint.js";
import { inBenchFolder, matmulRate, progress, rounded } from "./common.js";
import { architectureNamed } from "./decompose.js";
import { measureInTurns, median, worker } from "./measure.js";
import { HEAD_LAYERS, SPAN_COUNT, SPAN_TEXTS } from "./sizes.js";

export interface HeadsBenchOptions {
  readonly arch: string;
  readonly batch: number;
  readonly rounds: number;
}

/** What `--json` prints. Medians over the rounds; MB are 10⁶ bytes. */
export interface HeadsBench {
  readonly arch: string;
  readonly batch: number;
  readonly rounds: number;
  /** Of the last layers. */
  readonly heads: number;
  /** Per picture. */
  readonly plain_ms: number;
  /** A row of the heads' coordinates, and their second moments; per picture. */
  readonly stream_ms: number;
  /** Median of the rounds' ratios. */
  readonly ratio: number;
  readonly bytes_per_image: number;
  /** Of the process that streams. */
  readonly peak_rss_mb: number;
  readonly texts: number;
  readonly picks: number;
  /** TextSpan of all heads from their moments, whatever the number of pictures; median of three. */
  readonly span_seconds: number;
  readonly span_peak_rss_mb: number;
  /** Rate of one product of square matrices, 1024 on each side. */
  readonly matmul_gflops: number;
}

export async function benchHeads({ arch, batch, rounds }: HeadsBenchOptions): Promise<HeadsBench> {
  const architecture = architectureNamed(arch);
  return inBenchFolder(async (folder, ending) => {
    progress(`writing random weights of ${arch}`);
    await writeRandomCheckpoint(folder, architecture, { seed: 1, activation: "gelu", visionOnly: true });
    progress("loading");
    await using clip = await loadClip(folder);
    const layout = headRowLayout(clip, lastLayers(clip, HEAD_LAYERS));
    const workloads = {
      plain: worker("worker.js", ["plain", folder, String(batch)]),
      stream: worker("worker.js", ["stream", folder, String(batch)]),
      matmul: worker("worker.js", ["matmul"]),
    };
    const { plain, stream, matmul } = await measureInTurns(workloads, { rounds, ending }, (done) => {
      progress(`round ${done} of ${rounds}`);
    });
    const heads = layout.layers.length * layout.heads;
    progress(`${SPAN_COUNT} of ${SPAN_TEXTS} texts for each of ${heads} heads`);
    const spans = { spans: worker("worker.js", ["spans", folder, String(batch)]) };
    const { spans: spanned } = await measureInTurns(spans, { rounds: 3, ending }, () => undefined);
    const ratios = plain.milliseconds.map((ms, round) => stream.milliseconds[round]! / ms);
    return {
      arch,
      batch,
      rounds,
      heads,
      plain_ms: rounded(median(plain.milliseconds) / batch),
      stream_ms: rounded(median(stream.milliseconds) / batch),
      ratio: rounded(median(ratios)),
      bytes_per_image: 4 * layout.width,
      peak_rss_mb: rounded(stream.peakBytes / 1e6),
      texts: SPAN_TEXTS,
      picks: SPAN_COUNT,
      span_seconds: rounded(median(spanned.milliseconds) / 1000),
      span_peak_rss_mb: rounded(spanned.peakBytes / 1e6),
      matmul_gflops: matmulRate(matmul),
    };
  });
}

export function headsSummary(r: HeadsBench): string {
  const rows = [
    ["plain forward", `${r.plain_ms} ms/image`],
    ["streaming", `${r.stream_ms} ms/image`, `${r.ratio} × plain, ${r.heads} heads`],
    ["kept", `${r.bytes_per_image} bytes/image`, "all that these heads said, without loss"],
    ["peak memory", `${r.peak_rss_mb} MB`],
    ["TextSpan", `${r.span_seconds} s`, `all heads, ${r.picks} of ${r.texts} texts, whatever the number of pictures`],
    ["  peak memory", `${r.span_peak_rss_mb} MB`],
    ["matmul 1024³", `${r.matmul_gflops} GFLOP/s`],
  ];
  const lines = rows.map(([name, value, note]) =>
    `  ${name!.padEnd(18)}${value!.padStart(18)}   ${note ?? ""}`.trimEnd(),
  );
  return `${r.arch}, random weights, batch ${r.batch}, medians of ${r.rounds} paired rounds\n${lines.join("\n")}\n`;
}
