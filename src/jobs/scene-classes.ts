import { attributeClasses, type SceneClasses } from "../methods/scene-classes.js";
import type { Attribute } from "../worlds/scenes/index.js";
import type { JobContext, OpenModel } from "./job.js";
import { kept } from "./kept.js";

/** The values of an attribute and their directions, kept for each model. */
export function classesOf(
  context: JobContext,
  { clip, digest }: OpenModel,
  attribute: Attribute,
): Promise<SceneClasses> {
  return kept(context, `scene-classes ${digest} ${attribute}`, () =>
    attributeClasses((texts) => clip.encodeText(texts), attribute),
  );
}
