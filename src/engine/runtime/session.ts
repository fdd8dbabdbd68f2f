/** What a runtime (Node, browser) offers the compiler: sessions made from lowered graphs. */
import type { LoweredGraph } from "../graph/lowering.js";
import type { Tensor } from "../tensor/tensor.js";

export const DEVICES = ["cpu", "webgpu", "cuda"] as const;
export type Device = (typeof DEVICES)[number];

export interface Session {
  /**
   * Inputs and outputs by their names in the lowered graph, all outputs among the keys of `into`: written into the tensor
   * given there, or into a new one where that is undefined.
   */
  run(
    inputs: Readonly<Record<string, Tensor>>,
    into: Readonly<Record<string, Tensor | undefined>>,
  ): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface Runtime {
  /** Makes a session, weights mapped. Throws {@link DeviceUnavailableError}. */
  createSession(graph: LoweredGraph, device: Device): Promise<Session>;
  /** Equal for graphs (weights included) that one session can serve. */
  identify(graph: LoweredGraph): Promise<string>;
}
