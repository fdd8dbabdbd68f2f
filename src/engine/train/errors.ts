/** @file What can go wrong while training. */
import { type ErrorFacts, VitrineError } from "../errors.js";

/** Parameters are declared wrongly, or one is asked for that was not declared. */
export class ParameterError extends VitrineError {
  readonly code = "parameter";
}

/** A loss, a gradient or a parameter became NaN or infinite. The update of that step was not applied. */
export class NonFiniteError extends VitrineError {
  readonly code = "non-finite";
  /** The first place found: a site, `gradient of NAME`, `parameter NAME`, or `loss`. */
  readonly site: string;
  /** Counted from 1. */
  readonly step: number;

  constructor(site: string, step: number, facts: ErrorFacts) {
    super(facts);
    this.site = site;
    this.step = step;
  }
}

/** A checkpoint of a training run is damaged, or is not one. */
export class TrainingCheckpointError extends VitrineError {
  readonly code = "training-checkpoint";
}

/** The run in this folder was started with another recipe. */
export class RecipeChangedError extends VitrineError {
  readonly code = "recipe-changed";
}
