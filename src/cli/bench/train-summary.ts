/** `vitrine bench train`, for people. */
import { rounded } from "./common.js";
import type { TrainBench } from "./train.js";
import { PEERS } from "./peers.js";
import { MATMUL_SIZE } from "./sizes.js";

const TITLES = { tfjs: "TF.js", jaxjs: "jax-js", torch: "PyTorch" };

export function trainSummary(results: readonly TrainBench[]): string {
  return results.map(section).join("\n");
}

function section(r: TrainBench): string {
  const peers = PEERS.filter((peer) => r.peers[`${peer}_ms`] !== null).map((peer) => {
    const threads = peer === "torch" ? `, ${r.torch_threads} thread${r.torch_threads === 1 ? "" : "s"}` : "";
    return [TITLES[peer], `${r.peers[`${peer}_ms`]} ms`, `${r.ratios[peer]} × Vitrine${threads}`];
  });
  const matmulShare = rounded(r.gflops / r.matmul_gflops);
  const overBase = rounded((r.vitrine_peak_mb - r.vitrine_base_mb) / r.vitrine_needed_mb);
  const rows = [
    ["Vitrine", `${r.vitrine_ms} ms`, `${r.gflop} GFLOP a step`],
    ...peers,
    ["rate", `${r.gflops} GFLOP/s`, `${matmulShare} × the matmul rate`],
    [`matmul ${MATMUL_SIZE}³`, `${r.matmul_gflops} GFLOP/s`, ""],
    [
      "peak memory",
      `${r.vitrine_peak_mb} MB`,
      `${r.vitrine_base_mb} MB to begin with, then ${overBase} × what is needed`,
    ],
    ["needed", `${r.vitrine_needed_mb} MB`, "parameters, gradients, moments, activations"],
  ];
  const lines = rows.map(([name, value, note]) => `  ${name!.padEnd(14)}${value!.padStart(16)}   ${note!}`.trimEnd());
  const notes = r.notes.map((note) => `  ${note}`);
  return `${[`${r.model}, one step of training with Adam, medians of ${r.rounds} rounds`, ...lines, ...notes].join("\n")}\n`;
}
