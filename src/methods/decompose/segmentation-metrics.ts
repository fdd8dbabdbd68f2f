/**
 * How well maps of pixels find what masks show.
 *
 * Source: the protocol for ImageNet-Segmentation of Chefer, Gur, Wolf 2021, "Transformer Interpretability Beyond Attention
 * Visualization", section 4.2, which Gandelsman et al. 2024 follow.
 */
import type { Segmentation } from "./segmentation-map.js";

/** What one picture adds to the figures of many. */
export interface SegmentationScore {
  /** Foreground pixels found, background pixels taken for foreground, foreground pixels missed, background pixels left. */
  readonly hits: number;
  readonly falseAlarms: number;
  readonly misses: number;
  readonly rejections: number;
  readonly averagePrecision: number;
}

export interface SegmentationFigures {
  readonly pictures: number;
  /** Share of all pictures' pixels that were told right. */
  readonly pixelAccuracy: number;
  /** Mean of the two, each with the intersections and the unions of all pictures added up before they are divided. */
  readonly meanIoU: number;
  readonly backgroundIoU: number;
  readonly foregroundIoU: number;
  /** Mean over pictures. */
  readonly meanAveragePrecision: number;
}

/** Scores one picture; `mask` is 0 where background is and 1 where foreground is, one value for each value of the map. */
export function scoreSegmentation(
  { map, foreground }: Pick<Segmentation, "map" | "foreground">,
  mask: Uint8Array,
): SegmentationScore {
  if (mask.length !== map.length) throw new RangeError(`a mask of ${mask.length} pixels for a map of ${map.length}`);
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  mask.forEach((truth, i) => (counts[2 * truth + foreground[i]!]! += 1));
  const [rejections, falseAlarms, misses, hits] = counts;
  return { hits, falseAlarms, misses, rejections, averagePrecision: twoClassPrecision(map, mask) };
}

/** Adds scores up, in constant memory. */
export class SegmentationScores {
  #pictures = 0;
  #hits = 0;
  #falseAlarms = 0;
  #misses = 0;
  #rejections = 0;
  #precisions = 0;

  add({ hits, falseAlarms, misses, rejections, averagePrecision }: SegmentationScore): void {
    this.#pictures++;
    this.#hits += hits;
    this.#falseAlarms += falseAlarms;
    this.#misses += misses;
    this.#rejections += rejections;
    this.#precisions += averagePrecision;
  }

  /** Of what was added so far; 0 where there is nothing to divide by, as in the reference. */
  figures(): SegmentationFigures {
    const wrong = this.#falseAlarms + this.#misses;
    const right = this.#hits + this.#rejections;
    const backgroundIoU = share(this.#rejections, this.#rejections + wrong);
    const foregroundIoU = share(this.#hits, this.#hits + wrong);
    return {
      pictures: this.#pictures,
      pixelAccuracy: share(right, right + wrong),
      meanIoU: (backgroundIoU + foregroundIoU) / 2,
      backgroundIoU,
      foregroundIoU,
      meanAveragePrecision: share(this.#precisions, this.#pictures),
    };
  }
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * Average precision of scores for labels (0 or 1): Σ (Rₙ − Rₙ₋₁) Pₙ over falling thresholds, without interpolation. Equal
 * scores pass the threshold together, as in scikit-learn's `average_precision_score`. 0 where no label is 1.
 */
export function averagePrecision(scores: Float32Array, labels: Uint8Array): number {
  const positives = labels.reduce((count, label) => count + label, 0);
  if (positives === 0) return 0;
  const keys = sortedKeys(scores, labels);
  let [precisions, found, end] = [0, 0, keys.length];
  while (end > 0) {
    const score = Math.floor(keys[end - 1]! / 2);
    const before = found;
    for (; end > 0 && Math.floor(keys[end - 1]! / 2) === score; end--) found += keys[end - 1]! % 2;
    precisions += (found - before) * (found / (keys.length - end));
  }
  return precisions / positives;
}

/** Scores and labels as numbers that sort as the scores do: 2 · (bits of the score) + label, which float64 holds exactly. */
function sortedKeys(scores: Float32Array, labels: Uint8Array): Float64Array {
  // Adding 0 turns -0 into 0. Bits of negative floats fall as the floats rise.
  const bits = new Uint32Array(scores.map((score) => score + 0).buffer);
  return Float64Array.from(bits, (x, i) => 2 * (x >= 2 ** 31 ? 2 ** 32 - 1 - x : x + 2 ** 31) + labels[i]!).sort();
}

/**
 * The protocol's average precision: of foreground and background at once, over the map for one and its complement for the
 * other. A map of zeros speaks for neither, as in the reference, where it comes from 0/0.
 */
function twoClassPrecision(map: Float32Array, mask: Uint8Array): number {
  const found = map.some((value) => value > 0);
  const size = map.length;
  const scores = new Float32Array(2 * size);
  const labels = new Uint8Array(2 * size);
  for (let i = 0; i < size; i++) {
    scores[i] = found ? 1 - map[i]! : 0;
    scores[size + i] = map[i]!;
    labels[i] = 1 - mask[i]!;
    labels[size + i] = mask[i]!;
  }
  return averagePrecision(scores, labels);
}
