/** How much of a model's answer the texts of its heads hold: heads reduced to what their first texts say. */
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { dotRows } from "../../engine/tensor/rows.js";
import type { Clip } from "../../models/clip/clip.js";
import { readLayers } from "../../models/clip/readout.js";
import type { Reconstruction } from "./ablation.js";
import type { HeadSpan } from "./head-spans.js";

/**
 * Keeps of each head with a span its mean and what lies along the first `count` of its directions; `classes` [C,D]. Heads without a span
 * keep nothing but their mean. Source: Gandelsman et al. 2024, section 4.2.
 */
export function spanReconstructions(
  clip: Clip,
  name: string,
  spans: readonly HeadSpan[],
  classes: FloatTensor,
  count: number,
): Reconstruction {
  const { heads } = clip.parts.vision;
  const layers = readLayers(clip.parts.vision);
  const [answers, width] = classes.shape as [number, number];
  const maps = new Float32Array(layers * heads * width * answers);
  for (const { layer, head, directions } of spans) {
    const kept = Math.min(count, directions.shape[0]!);
    const first = floatTensor(directions.data.slice(0, kept * width), [kept, width]);
    const along = dotRows(first, classes).data;
    const start = (layer * heads + head) * width * answers;
    for (let k = 0; k < kept; k++) {
      for (let i = 0; i < width; i++) {
        const weight = first.data[k * width + i]!;
        for (let c = 0; c < answers; c++) maps[start + i * answers + c]! += weight * along[k * answers + c]!;
      }
    }
  }
  return { name, maps: floatTensor(maps, [layers * heads, width, answers]) };
}
