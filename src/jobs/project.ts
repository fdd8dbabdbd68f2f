import { z } from "zod";
import { UsageError } from "../engine/errors.js";
import { stackRows } from "../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../engine/tensor/tensor.js";
import { seeded } from "../engine/train/seeds.js";
import { corrupt } from "../methods/idempotent/corrupt.js";
import { CORRUPTIONS, MOST_STRENGTH } from "../methods/idempotent/corruptions.js";
import { distances, driftMaps, project } from "../methods/idempotent/project.js";
import type { IdempotentGenerator } from "../models/idempotent/generator.js";
import { drawSeed } from "./generator.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";

/** Of the largest picture that a generator can have. */
const MOST_LEVELS = 3 * 1024 * 1024;

const params = z.strictObject({
  model: modelRef,
  /** The picture [S,S,C] in whole levels from 0 to 255, row by row, as base64. */
  levels: z.base64().max(Math.ceil(MOST_LEVELS / 3) * 4),
  /** What is done to it first. */
  corruption: z.enum(CORRUPTIONS).optional(),
  /** Of noise, blur and mask; 1 as published. */
  strength: z.number().positive().max(MOST_STRENGTH).default(1),
  seed: drawSeed.default(0),
  times: z.int().min(1).max(10).default(2),
});

/** A picture, what was done to it, and what the generator makes of that. All pictures are from -1 to 1. */
export interface ProjectedPicture {
  /** [1,C,S,S]: y, after what was done to the picture. */
  readonly given: FloatTensor;
  /** [K,C,S,S]: f(y), f(f(y)), … */
  readonly results: FloatTensor;
  /** [S,S]: |f(y) - y|, the mean over channels. */
  readonly drift: FloatTensor;
  /** [K]: |f(y) - y|, |f(f(y)) - f(y)|, …: roots of mean squares. */
  readonly moves: readonly number[];
  /** [K+1]: how far y, f(y), … are from the picture as it was, where something was done to it. */
  readonly toClean?: readonly number[];
}

export const projectJob = job({
  summary: "What an idempotent generator makes of a picture, once and again, and how far it moved it.",
  params,
  async run({ models }, { model, levels, corruption, strength, seed, times }, control): Promise<ProjectedPicture> {
    const { generator } = await models.openGenerator(model, control);
    const picture = pixelsOf(generator, levels);
    const given =
      corruption === undefined ? picture : corrupt(picture, corruption, seeded(seed, "damage", corruption), strength);
    control.signal.throwIfAborted();
    // A program for one picture, even where one for several is there to be padded to.
    const results = await project(generator, given, times, { batch: 1 });
    const steps = [given, ...results];
    const drift = driftMaps(given, results[0]!);
    return {
      given,
      results: stackRows(results),
      drift: floatTensor(drift.data, drift.shape.slice(1)),
      moves: results.map((result, k) => distances(result, steps[k]!)[0]!),
      ...(corruption !== undefined && { toClean: steps.map((step) => distances(step, picture)[0]!) }),
    };
  },
});

/** [1,C,S,S]. Throws `UsageError` for a picture of another size or of other channels. */
function pixelsOf({ shape }: IdempotentGenerator, base64: string): FloatTensor {
  const levels = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const [channels, height, width] = shape;
  if (levels.length !== channels * height * width) {
    throw new UsageError({
      what: "the picture does not fit the model",
      got: `${levels.length} levels`,
      expected: `${height} × ${width} × ${channels}`,
      fix: "bring it to this form first: the job generator-picture does",
    });
  }
  const area = height * width;
  const data = Float32Array.from({ length: levels.length }, (_, i) => {
    return levels[channels * (i % area) + Math.floor(i / area)]! / 127.5 - 1;
  });
  return floatTensor(data, [1, ...shape]);
}
