/** What panels take from the library: colours, and pictures under maps. None of it needs a model or a backend. */
export {
  colourIndex,
  colourTable,
  escaped,
  overlayHeatmap,
  type RgbImage,
  rgbImage,
  type SequentialMap as LibraryMap,
  type Upsampling,
  type ValueRange,
} from "vitrine/browser";
