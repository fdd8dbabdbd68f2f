/** What this room takes from the library to follow a threshold at once, without the worker: none of it needs a model. */
export {
  heatOver,
  headSums,
  scoreSegmentation,
  segmentation,
  type Segmentation,
  SegmentationScores,
} from "vitrine/browser";
