import { add } from "../graph/ops/arithmetic.js";
import { input } from "../graph/ops/leaves.js";
import { compile } from "./compile.js";
import type { Device } from "./session.js";

/** Loads the runtime before it is needed: in a browser that takes longer than making a program. Throws what {@link compile} throws. */
export async function prepareRuntime(device: Device = "cpu"): Promise<void> {
  const program = await compile({ sum: add(input("x", [1]), 1) }, { device });
  await program.dispose();
}
