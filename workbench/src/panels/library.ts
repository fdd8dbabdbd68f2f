/** What panels take from the library: colours, and pictures under maps. None of it needs a model or a backend. */
export {
  colourIndex,
  colourTable,
  type SequentialMap as LibraryMap,
  type ValueRange,
} from "../../../src/engine/media/colour-maps.js";
export { overlayHeatmap } from "../../../src/engine/media/heatmap.js";
export { type RgbImage, rgbImage } from "../../../src/engine/media/image.js";
export { escaped } from "../../../src/engine/media/svg.js";
export type { Upsampling } from "../../../src/engine/media/upsample.js";
