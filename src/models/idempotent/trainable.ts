/** An idempotent generator's weights as parameters that start from a seed. */
import { normal, zeros } from "../../engine/train/initialise.js";
import type { ParameterDeclaration } from "../../engine/train/parameters.js";
import { type IdempotentArchitecture, weightShapes } from "./architecture.js";

const DEVIATION = 0.02;

/** The convolutions' kernels: what Muon is for. */
export const KERNELS = /(^|\.)(conv|in|out)\.weight$/;

/** As in DCGAN: kernels N(0, 0.02), gains N(1, 0.02), offsets and biases 0 (Radford et al. 2016, section 4). */
export function idempotentDeclarations(architecture: IdempotentArchitecture): ParameterDeclaration[] {
  return [...weightShapes(architecture)].map(([name, shape]) => {
    const isGain = name.endsWith(".norm.weight");
    return { name, shape, initialise: name.endsWith(".bias") ? zeros : normal(DEVIATION, isGain ? 1 : 0) };
  });
}
