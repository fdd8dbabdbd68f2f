/** Training: `vitrine/train`. Losses and their gradients are written with `vitrine/graph`. */
export {
  filled,
  from,
  glorotUniform,
  type Initialiser,
  normal,
  ones,
  truncatedNormal,
  uniform,
  zeros,
} from "./engine/train/initialise.js";
export { type ParameterDeclaration, Parameters } from "./engine/train/parameters.js";
export {
  adam,
  adamW,
  type MatrixGroup,
  muon,
  type Optimiser,
  type ParameterGroup,
  sgd,
} from "./engine/train/optimisers.js";
export { constantRate, type Schedule, warmupCosine, warmupLinear } from "./engine/train/schedules.js";
export { dataOrder, seeded } from "./engine/train/seeds.js";
export type { PictureBatch, PictureRows } from "./engine/media/picture-rows.js";
export type { FolderOptions } from "./engine/media/open-picture-folder.js";
export { openPictures } from "./engine/media/open-pictures.js";
export {
  holdOut,
  pictureBatches,
  type PictureBatchesOptions,
  type PictureParts,
} from "./engine/train/picture-batches.js";
export { createTrainStep, type StepResult, type TrainStep } from "./engine/train/step.js";
export type { TrainStepOptions } from "./engine/train/step-options.js";
export {
  type Evaluation,
  train,
  type TrainingProgress,
  type TrainOptions,
  type TrainResult,
} from "./engine/train/loop.js";
export { listCheckpoints, resume, saveCheckpoint } from "./engine/train/checkpoint.js";
export { exportParameters, type ExportOptions } from "./engine/train/export.js";
export { lossCurve, writeLossCurve } from "./engine/train/loss-curve.js";
export { type Interrupt, onInterrupt } from "./engine/train/interrupt.js";
export { textTower, visionTower } from "./models/clip/towers.js";
export { clipDeclarations, contrastiveLoss, trainableWeights } from "./models/clip/trainable.js";
export { calibrate } from "./methods/idempotent/calibrate.js";
export { energyDistance } from "./methods/idempotent/energy.js";
export { EXPERIMENTS, idempotentObjective, LISTING, type Objective, SPREAD } from "./methods/idempotent/objective.js";
export { settlingObjective, type SettlingWeights } from "./methods/idempotent/settle.js";
export { pooledBank } from "./models/idempotent/banks.js";
export { batchStatistics, idempotentNetwork } from "./models/idempotent/network.js";
export { idempotentDeclarations } from "./models/idempotent/trainable.js";
