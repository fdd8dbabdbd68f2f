import type { JobResult } from "vitrine/jobs";
import type { Bar } from "../../panels/bars.js";

/** What one head's ablation changes of each attribute's accuracy, beside the mean change of the other heads. */
export function ablationBars({ heads, attributes }: JobResult<"head-ablation">, layer: number, head: number): Bar[] {
  const own = heads.findIndex((place) => place.layer === layer && place.head === head);
  return attributes.map(({ attribute, changes }) => {
    const { value, low, high } = changes[own]!;
    const others = changes.filter((_, i) => i !== own);
    const control = others.reduce((sum, change) => sum + change.value, 0) / others.length;
    return { key: attribute, label: attribute, value, interval: { min: low, max: high }, control };
  });
}
