/** Every model of which a bench measures steps of training. */
import { idempotent } from "./idempotent-model.js";
import { TRAIN_MODELS } from "./train-models.js";

export const ALL_TRAIN_MODELS = { ...TRAIN_MODELS, idempotent };
export type AnyTrainModelName = keyof typeof ALL_TRAIN_MODELS;
