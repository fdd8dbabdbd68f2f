import { z } from "zod";
import { job, type ModelEntry } from "./job.js";

export const models = job({
  summary: "Lists the models that can be asked for.",
  params: z.strictObject({}),
  run: async ({ models: shelf }): Promise<readonly ModelEntry[]> => shelf.list(),
});
