import type { Slot } from "./arena.js";
import { type Optimiser, type ParameterSettings, sameSettings } from "./optimisers.js";

/** Neighbours in the arena with the same settings: one call of the kernel. Elements `start` to `end`. */
export interface Range extends ParameterSettings {
  readonly start: number;
  readonly end: number;
}

/** Of what the optimiser's rule updates element by element. */
export function rangesOf(slots: readonly Slot[], optimiser: Optimiser): Range[] {
  const ranges: Range[] = [];
  for (const { name, start, end } of slots) {
    const settings = optimiser.settingsOf(name);
    if (settings.matrices > 0) continue;
    const last = ranges.at(-1);
    if (last?.end === start && sameSettings(last, settings)) {
      ranges[ranges.length - 1] = { ...last, end };
    } else {
      ranges.push({ ...settings, start, end });
    }
  }
  return ranges;
}
