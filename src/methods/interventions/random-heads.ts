/** What chosen heads are set beside: as many others, changed alike. */
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { allHeads } from "../../models/clip/head-place.js";
import { changedHeads, type HeadChange, type Intervention } from "./intervention.js";

/**
 * The same change of as many heads drawn at random, `draws` times; MLPs and neurons stay changed. Empty where no head is changed, or all
 * are: then there is nothing to draw.
 */
export function randomInterventions(
  clip: Clip,
  intervention: Intervention,
  { seed, draws }: { readonly seed: number; readonly draws: number },
): Intervention[] {
  const changed = changedHeads(clip, intervention);
  const all = allHeads(clip);
  if (changed.length === 0 || changed.length === all.length) return [];
  return Array.from({ length: draws }, (_, draw) => {
    const places = seeded(seed, "interventions", "random heads", draw).shuffled(all);
    return { ...intervention, layers: [], heads: changed.map(({ to }, i): HeadChange => ({ ...places[i]!, to })) };
  });
}
