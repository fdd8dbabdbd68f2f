/** The idempotent generators that `vitrine bench idempotent` measures: a step of training, and a projection. */
import { idempotentObjective, LISTING } from "../../methods/idempotent/objective.js";
import { type IdempotentArchitecture, weightShapes } from "../../models/idempotent/architecture.js";
import { batchStatistics, idempotentNetwork } from "../../models/idempotent/network.js";
import type { Start, TrainModel } from "./train-models.js";

/** As `vitrine train ign-glyphs`. */
const TRAINED: IdempotentArchitecture = { size: 28, channels: 1, width: 32 };
const BATCH = 64;
/** A picture of 64 × 64; the widths of the zoo, and of the paper. */
export const PROJECTED: Readonly<Record<string, IdempotentArchitecture>> = {
  zoo: { size: 64, channels: 3, width: 16 },
  paper: { size: 64, channels: 3, width: 64 },
};

/** Kernels and biases as DCGAN starts them, but evenly distributed. */
export function startsOf(architecture: IdempotentArchitecture): Start[] {
  return [...weightShapes(architecture)].map(([name, shape]): Start => {
    if (name.endsWith(".bias")) return { name, shape, fill: { value: 0 } };
    return { name, shape, fill: name.endsWith(".norm.weight") ? { value: 1 } : { deviation: 0.02 } };
  });
}

const shape = [BATCH, TRAINED.channels, TRAINED.size, TRAINED.size];

/** The published step in the listing's setting: x are pictures, the target is the noise. */
export const idempotent: TrainModel = {
  x: { name: "x", shape, fill: { deviation: 0.5 } },
  target: { name: "target", shape, fill: { deviation: 1 } },
  parameters: startsOf(TRAINED),
  loss: (weight, data, noise) =>
    idempotentObjective({
      apply: (x, own) => idempotentNetwork(x, { architecture: TRAINED, weight: own, statistics: batchStatistics }),
      weight,
      data,
      noise,
      objective: LISTING,
    }).loss,
};
