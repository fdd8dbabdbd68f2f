/**
 * What a page or its worker needs beside `vitrine/jobs`: `vitrine/browser`. Nothing here touches a file system.
 */
export { VitrineError } from "./engine/errors.js";
export {
  type ColourMap,
  colourIndex,
  colourise,
  colourTable,
  type SequentialMap,
  type ValueRange,
} from "./engine/media/colour-maps.js";
export { decodeImageInBrowser } from "./engine/media/decode-web.js";
export { overlayHeatmap } from "./engine/media/heatmap.js";
export { type RgbImage, rgbImage } from "./engine/media/image.js";
export { escaped } from "./engine/media/svg.js";
export type { Upsampling } from "./engine/media/upsample.js";
export { prepareRuntime } from "./engine/runtime/prepare.js";
export { configureWebRuntime, type WasmFiles, type WebRuntimeSettings, webThreads } from "./engine/runtime/web.js";
export { checkMaker, UnknownModelError, UnknownPictureError } from "./jobs/errors.js";
export type { Clip } from "./models/clip/clip.js";
export { loadClipFromBytes, type ModelFiles } from "./models/clip/load-bytes.js";
export { loadVlmFromBytes } from "./models/vlm/load-bytes.js";
export { generatorSummary } from "./models/idempotent/summary.js";
export { loadGeneratorFromBytes, type LoadedGenerator } from "./models/idempotent/assemble.js";
export { sha256 } from "./engine/sha256.js";
export { VERSION } from "./version.js";
export { sceneSchema } from "./jobs/picture-ref.js";
export { stands } from "./methods/captions/stands.js";
export {
  heatOver,
  headSums,
  type PatchLayout,
  segmentation,
  type Segmentation,
} from "./methods/decompose/segmentation-map.js";
export {
  scoreSegmentation,
  type SegmentationFigures,
  SegmentationScores,
} from "./methods/decompose/segmentation-metrics.js";
