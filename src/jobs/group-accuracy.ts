import { z } from "zod";
import type { Estimate } from "../engine/tensor/bootstrap.js";
import type { Proportion } from "../engine/tensor/proportion.js";
import {
  answersOf,
  comparedAnswers,
  type DrawnAccuracies,
  drawnAccuracies,
  type FishOrBird,
  fishOrBird,
} from "../methods/decompose/fish-or-bird.js";
import { changedHeads, type Intervention, NO_INTERVENTION } from "../methods/interventions/intervention.js";
import { randomInterventions } from "../methods/interventions/random-heads.js";
import { editsKey, editsSchema, withEdits } from "./edits.js";
import { job, type JobContext, type JobControl, type OpenModel } from "./job.js";
import { keepFew } from "./keep-few.js";
import { kept } from "./kept.js";
import { modelRef } from "./model-info.js";
import { seedNumber } from "./sample.js";

/** How often fish and birds stand before their own background in the training of the zoo's models. */
const RATE = 0.9;

export interface GroupFigures {
  readonly average: Estimate;
  readonly worst: Estimate;
  readonly groups: readonly { readonly group: string; readonly accuracy: Proportion }[];
}

export interface GroupAccuracy {
  /** Pictures told, as many of each group. */
  readonly pictures: number;
  /** What share of the average groups with their own background make up. */
  readonly rate: number;
  readonly before: GroupFigures;
  readonly after: GroupFigures;
  /** After less before, on the same pictures. */
  readonly gain: Pick<GroupFigures, "average" | "worst">;
}

const settings = {
  model: modelRef,
  edits: editsSchema,
  seed: seedNumber,
  perGroup: z.int().min(4).max(1000),
};

export const groupAccuracyJob = job({
  summary: "How often a model tells fish from birds in the sea and in the sky, as it is and edited.",
  params: z.strictObject(settings),
  async run(context, { model, edits, seed, perGroup }, control): Promise<GroupAccuracy> {
    const open = await context.models.open(model, control);
    const set = await questions(context, open, { seed, perGroup });
    const told = (of: Intervention): Promise<readonly number[]> => answers(context, open, of, { seed, set }, control);
    const [before, after] = comparedAnswers(await told(NO_INTERVENTION), await told(edits), set.truth, seed);
    return { pictures: set.truth.labels.length, rate: RATE, before, after, gain: after.gain };
  },
});

export interface RandomAccuracy {
  /** Heads changed in each draw. */
  readonly heads: number;
  /** Absent where there is nothing to draw: no head is changed, or all are. */
  readonly drawn?: DrawnAccuracies;
}

export const groupControlJob = job({
  summary: "The same accuracies when as many heads, drawn at random, are changed alike.",
  params: z.strictObject({ ...settings, draws: z.int().min(2).max(100) }),
  async run(context, { model, edits, seed, perGroup, draws }, control): Promise<RandomAccuracy> {
    const open = await context.models.open(model, control);
    const heads = changedHeads(open.clip, edits).length;
    const drawn = randomInterventions(open.clip, edits, { seed, draws });
    if (drawn.length === 0) return { heads };
    const set = await questions(context, open, { seed, perGroup });
    const told: (readonly number[])[] = [];
    for (const [i, one] of drawn.entries()) {
      const stage = `random heads, draw ${i + 1} of ${draws}`;
      told.push(await answers(context, open, one, { seed, set, stage }, control));
    }
    return { heads, drawn: drawnAccuracies(told, set.truth) };
  },
});

function questions(
  context: JobContext,
  open: OpenModel,
  { seed, perGroup }: { readonly seed: number; readonly perGroup: number },
): Promise<FishOrBird> {
  const made = kept(context, `fish or bird ${open.digest} ${seed} ${perGroup}`, () =>
    fishOrBird(open.clip, { seed, perGroup, rate: RATE }),
  );
  keepFew(context, "fish or bird ", 3);
  return made;
}

interface Asked {
  readonly seed: number;
  readonly set: FishOrBird;
  readonly stage?: string;
}

function answers(
  context: JobContext,
  open: OpenModel,
  edits: Intervention,
  { seed, set, stage = "telling fish from birds" }: Asked,
  control: JobControl,
): Promise<readonly number[]> {
  const total = set.truth.labels.length;
  const find = (shared: JobControl): Promise<readonly number[]> =>
    withEdits(context, open, edits, shared, (clip) =>
      answersOf(clip, set, {
        onProgress(done) {
          shared.signal.throwIfAborted();
          shared.progress({ stage, done, total, unit: "pictures" });
        },
      }),
    );
  const made = kept(context, `answers ${editsKey(open, edits)} ${seed} ${total}`, find, control);
  keepFew(context, "answers ", 200);
  return made;
}
