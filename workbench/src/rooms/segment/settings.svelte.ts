/** What is set in this room; kept while the page lives, and held by links. */
import { dotted, type LinkSettings, numberWithin, oneOf, unusual, wholeNumbers } from "../../state/link-settings.js";

const SHOWN = ["heat", "mask", "picture"] as const;
const AGAINST = ["others", "nothing"] as const;
/** Heads beyond it are none of any model. */
const MOST_HEADS = 100_000;

export type Shown = (typeof SHOWN)[number];

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
  against = $state<(typeof AGAINST)[number]>("others");
  /** A true mask that was handed over, for one picture. */
  mask = $state.raw<{ readonly id: string; readonly name: string; readonly picture: string } | undefined>(undefined);
  alignment = $state<"aligned" | "reference">("aligned");

  write(): LinkSettings {
    return unusual({
      shown: [this.shown, "heat"],
      opacity: [this.opacity, 0.8],
      threshold: [this.threshold],
      heads: [dotted(this.heads), ""],
      against: [this.against, "others"],
    });
  }

  read(link: LinkSettings): void {
    this.shown = oneOf(link["shown"], SHOWN) ?? "heat";
    this.opacity = numberWithin(link["opacity"], 0, 1) ?? 0.8;
    this.threshold = numberWithin(link["threshold"], 0, 1);
    this.heads = wholeNumbers(link["heads"], MOST_HEADS);
    this.against = oneOf(link["against"], AGAINST) ?? "others";
  }
}

export const settings = new Settings();
