/** What this room takes from the library to follow a threshold at once, without the worker: none of it needs a model. */
export {
  heatOver,
  headSums,
  type PatchLayout,
  segmentation,
  type Segmentation,
} from "../../../../src/methods/decompose/segmentation-map.js";
export {
  scoreSegmentation,
  type SegmentationFigures,
  SegmentationScores,
} from "../../../../src/methods/decompose/segmentation-metrics.js";
