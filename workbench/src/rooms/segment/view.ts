/** What the room shows, derived from one result and what is set: the page's share of the work is adding and thresholding. */
import type { BaselineHeat, SegmentedPicture } from "vitrine/jobs";
import { type RgbImage, rgbImage } from "../../panels/library.js";
import { heatOver, scoreSegmentation, segmentation, type Segmentation, SegmentationScores } from "./library.js";
import { settings } from "./settings.svelte.js";

export interface Fit {
  readonly name: string;
  readonly kind: "map" | BaselineHeat["kind"];
  /** Share of the pixels. */
  readonly area: number;
  /** Of the foreground: what mask and truth share, of what either covers. */
  readonly iou: number;
  readonly meanIoU: number;
  readonly pixelAccuracy: number;
  readonly averagePrecision: number;
}

/** Heat [P] of a text over the heads that count. */
export const heatOf = ({ heat }: SegmentedPicture, text: number): Float32Array =>
  heatOver(heat, text, settings.heads.length === 0 ? undefined : settings.heads);

export const maskOf = (heat: Float32Array, { layout }: SegmentedPicture): Segmentation =>
  segmentation(heat, layout, settings.threshold);

export const areaOf = ({ foreground }: Pick<Segmentation, "foreground">): number =>
  foreground.reduce((sum, one) => sum + one, 0) / foreground.length;

/** How a map fits the truth, at its own mean unless told what to exceed. */
export function fitOf(
  { name, kind, heat }: Pick<Fit, "name" | "kind"> & { readonly heat: Float32Array },
  { layout }: SegmentedPicture,
  truth: Uint8Array,
  threshold?: number,
): Fit {
  const found = segmentation(heat, layout, threshold);
  const score = scoreSegmentation(found, truth);
  const total = new SegmentationScores();
  total.add(score);
  const { foregroundIoU, meanIoU, pixelAccuracy } = total.figures();
  const { averagePrecision } = score;
  return { name, kind, area: areaOf(found), iou: foregroundIoU, meanIoU, pixelAccuracy, averagePrecision };
}

/** A map that is nowhere, cut below every value: what a mask of the whole picture scores. */
export const wholeFit = (result: SegmentedPicture, truth: Uint8Array): Fit =>
  fitOf(
    { name: "the whole picture", kind: "control", heat: new Float32Array(result.layout.grid ** 2) },
    result,
    truth,
    -1,
  );

/** The picture where the mask is, and little of it elsewhere. */
export function cutOut({ width, height, data }: RgbImage, foreground: Uint8Array): RgbImage {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    out[i] = foreground[Math.floor(i / 3)] === 1 ? data[i]! : Math.round(128 + (data[i]! - 128) * 0.14);
  }
  return rgbImage(width, height, out);
}

/** White where the mask is, black elsewhere. */
export function blackAndWhite(foreground: Uint8Array, side: number): RgbImage {
  return rgbImage(
    side,
    side,
    Uint8Array.from({ length: side * side * 3 }, (_, i) => 255 * foreground[Math.floor(i / 3)]!),
  );
}
