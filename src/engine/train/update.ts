import type { Tensor } from "../tensor/tensor.js";

/** What a step has found before it changes anything. */
export interface Computed {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  /** Updates parameters, moments and average. */
  readonly apply: () => Promise<void>;
}

/** Where the optimiser runs: on the host, or in the graph. */
export interface Update {
  /** `count`: updates so far. */
  run(inputs: Readonly<Record<string, Tensor>>, count: number): Promise<Computed>;
  dispose(): Promise<void>;
}

/** Keys of the outputs of a step's program. */
export const LOSS = "loss";
export const metricName = (name: string): string => `metric:${name}`;
export const gradientName = (name: string): string => `gradient:${name}`;

/** The single number that a tensor holds. */
export function scalarOf(tensor: Tensor): number {
  return tensor.data[0]!;
}

/** The metrics among a program's results, by their own names. */
export function metricsIn(results: Readonly<Record<string, Tensor>>, names: Iterable<string>): Record<string, number> {
  return Object.fromEntries([...names].map((name) => [name, scalarOf(results[metricName(name)]!)]));
}

/** The factor that brings gradients of this norm down to `clipNorm`; as `torch.nn.utils.clip_grad_norm_` has it. */
export function clipScale(norm: number, clipNorm: number | undefined): number {
  return clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
}
