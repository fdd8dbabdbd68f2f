/** What a room shows before anybody has chosen anything. */
import { addSample, loadSamples } from "./add-pictures.js";
import { selection } from "./selection.svelte.js";

/** Looks at the first sample, with its texts, if there is no picture yet. */
export async function lookAtSomething(): Promise<void> {
  if (selection.picture !== undefined) return;
  const [first] = await loadSamples();
  if (first !== undefined && selection.pictures.length === 0) addSample(first);
}
