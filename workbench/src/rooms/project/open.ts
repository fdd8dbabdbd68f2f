/** Pictures for the canvas, from the model. */
import type { FittedPicture } from "vitrine/jobs";
import { runJob } from "../../state/backend.svelte.js";
import type { Origin } from "./origin.js";
import type { Form } from "./paint.js";
import { levelsOf } from "./view.js";

/** A sample by its number. */
export async function sampleLevels(
  model: string,
  { seed, number, steps }: Extract<Origin, { kind: "sample" }>,
  form: Form,
): Promise<Uint8Array> {
  const params = { model, seed, steps, count: number + 1 };
  return levelsOf((await runJob("sample", params, { title: "Making a picture" })).samples, number, form);
}

/** What was done to a picture so that the model can take it, in words; nothing where nothing was. */
export function adapted({ adaptations, from }: FittedPicture, { size }: Form): { readonly notice?: string } {
  if (adaptations.length === 0) return {};
  const done = adaptations.map((one) => {
    if (one === "cropped") return "cut to its middle square";
    return one === "resized" ? `resized to ${size} × ${size}` : "made grey";
  });
  const last = done.pop()!;
  return {
    notice: `Of ${from.width} × ${from.height} pixels, it was ${done.length === 0 ? last : `${done.join(", ")} and ${last}`}.`,
  };
}
