/** Changes of a model that a job asks for, and the changed models. */
import { z } from "zod";
import { intervene } from "../methods/interventions/intervene.js";
import { type Intervention, isIdle, MEANS_SEED } from "../methods/interventions/intervention.js";
import { SAMPLE_SCENES, sampleMeans } from "../methods/interventions/sample.js";
import { type SiteMeans, sitesAtMean } from "../methods/interventions/site-means.js";
import type { Clip } from "../models/clip/clip.js";
import { EditedModels } from "./edited-models.js";
import type { JobContext, JobControl, OpenModel } from "./job.js";
import { keepFew } from "./keep-few.js";
import { kept } from "./kept.js";

const place = z.int().nonnegative().max(100_000);
const change = z.strictObject({ layer: place, to: z.enum(["off", "mean"]) });
const most = 4096;

/** Switched off or held at their means over the sample scenes of seed {@link MEANS_SEED}; nothing, unless told. */
export const editsSchema = z.strictObject({
  heads: z
    .array(change.extend({ head: place }))
    .max(most)
    .readonly(),
  layers: z.array(change).max(most).readonly(),
  mlps: z.array(change).max(most).readonly(),
  neurons: z
    .array(change.extend({ neuron: place }))
    .max(most)
    .readonly(),
}) satisfies z.ZodType<Intervention>;

/** Of sites: a large model's neurons take 4 MB a layer. */
const MEANS_KEPT = 64;

/**
 * Works with the model as edited. The edited model is kept for the next one who asks; without edits it is the open model itself. Throws
 * `UsageError` for what the model has not.
 */
export async function withEdits<T>(
  context: JobContext,
  open: OpenModel,
  edits: Intervention | undefined,
  control: JobControl,
  work: (clip: Clip) => Promise<T>,
): Promise<T> {
  if (edits === undefined || isIdle(edits)) return work(open.clip);
  const means = await keptMeans(context, open, sitesAtMean(open.clip, edits), control);
  const models = await kept(context, "edited models", () => Promise.resolve(new EditedModels()));
  return models.use(editsKey(open, edits), () => Promise.resolve(intervene(open.clip, edits, means)), work);
}

/** The same for the same edits in another order. */
export function editsKey({ digest }: OpenModel, edits: Intervention): string {
  const lists = [edits.heads, edits.layers, edits.mlps, edits.neurons];
  return `${digest} ${JSON.stringify(lists.map((list) => list.map((unit) => JSON.stringify(unit)).sort()))}`;
}

async function keptMeans(
  context: JobContext,
  open: OpenModel,
  sites: readonly string[],
  control: JobControl,
): Promise<SiteMeans> {
  const keyOf = (site: string): string => `mean ${open.digest} ${site}`;
  // All that are missing are taken in one reading of the sample.
  const missing = sites.filter((site) => !context.kept.has(keyOf(site)));
  const find = (wanted: readonly string[], shared: JobControl): Promise<SiteMeans> =>
    sampleMeans(open.clip, wanted, {
      seed: MEANS_SEED,
      onProgress(done) {
        shared.signal.throwIfAborted();
        shared.progress({ stage: "averaging over scenes", done, total: SAMPLE_SCENES, unit: "pictures" });
      },
    });
  let together: Promise<SiteMeans> | undefined;
  const found = await Promise.all(
    sites.map((site) =>
      kept(
        context,
        keyOf(site),
        async (shared) => {
          const means = missing.includes(site) ? (together ??= find(missing, shared)) : find([site], shared);
          return (await means).get(site)!;
        },
        control,
      ),
    ),
  );
  const means = new Map(sites.map((site, i) => [site, found[i]!]));
  keepFew(context, "mean ", MEANS_KEPT);
  return means;
}
