/** The other frameworks: where they are, and how to run them. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../engine/errors.js";
import type { Workload } from "./measure.js";

export const PEERS = ["tfjs", "jaxjs", "torch"] as const;
export type Peer = (typeof PEERS)[number];

const BENCH = fileURLToPath(new URL("../../../bench", import.meta.url));
const PYTHON = "/usr/bin/python3";
const NPM_PACKAGES = { tfjs: "@tensorflow/tfjs-backend-wasm", jaxjs: "@jax-js/jax" };

/** The peers named in `--peers`. Throws {@link UsageError} for an unknown name. */
export function peersNamed(names: string): Peer[] {
  if (names === "none") return [];
  const asked = names.split(",");
  const unknown = asked.find((name) => !(PEERS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UsageError({ what: "unknown peer", got: unknown, expected: `some of ${PEERS.join(",")}, or none` });
  }
  return PEERS.filter((peer) => asked.includes(peer));
}

/** What keeps a peer from running here, with how to mend it; undefined when nothing does. */
export function whyAbsent(peer: Peer): string | undefined {
  if (!existsSync(join(BENCH, "peers"))) return "the package comes without bench/: use a checkout of the repository";
  if (peer !== "torch") {
    const isInstalled = existsSync(join(BENCH, "node_modules", NPM_PACKAGES[peer]));
    return isInstalled ? undefined : "not installed: npm ci --prefix bench";
  }
  try {
    execFileSync(PYTHON, ["-c", "import torch"], { stdio: "ignore" });
    return undefined;
  } catch {
    return `${PYTHON} has no torch: apt install python3-torch libopenblas0-openmp`;
  }
}

/**
 * The workloads of a peer on a model whose tensors lie in `file`. PyTorch has two, with one thread and with two: the faster
 * one counts.
 */
export function peerWorkloads(peer: Peer, model: string, file: string): Record<string, Workload> {
  if (peer !== "torch") {
    const args = [join(BENCH, "peers", `${peer}.js`), model, file];
    return { [peer]: { command: process.execPath, args, mayFail: true } };
  }
  const withThreads = (threads: string): Workload => ({
    command: PYTHON,
    args: [join(BENCH, "peers", "pytorch.py"), model, file, threads],
    // For matrix products: PyTorch's own setting does not reach each BLAS.
    env: { OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
    mayFail: true,
  });
  return { torch1: withThreads("1"), torch2: withThreads("2") };
}
