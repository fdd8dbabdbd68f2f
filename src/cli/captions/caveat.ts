import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { locateModel } from "../../models/locate.js";
import { printable } from "../terminal-text.js";

/** What is to be said wherever a model speaks, if its weights say so. */
export async function modelCaveat(ref: string): Promise<string | undefined> {
  const { path } = await locateModel(ref);
  const { caveat } = (await openCheckpoint(path)).metadata;
  return caveat === undefined ? undefined : printable(caveat);
}
