/** What is set in this room; kept while the page lives. */
export type Shown = "heat" | "mask" | "picture";

class Settings {
  shown = $state<Shown>("heat");
  opacity = $state(0.8);
  outline = $state(true);
  truth = $state(true);
  /** Part of the map, 0 to 1; undefined is the map's mean, as published. */
  threshold = $state<number | undefined>(undefined);
  /** Heads that count, numbered layer by layer; none means all. */
  heads = $state.raw<readonly number[]>([]);
  /** What texts are set against while no text is chosen for that. */
  against = $state<"others" | "nothing">("others");
  /** A true mask that was handed over, for one picture. */
  mask = $state.raw<{ readonly id: string; readonly name: string; readonly picture: string } | undefined>(undefined);
  alignment = $state<"aligned" | "reference">("aligned");
}

export const settings = new Settings();
