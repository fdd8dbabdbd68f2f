/** A world of faces: people by named attributes, and pictures of them: `vitrine/faces`. */
export { Random } from "../../engine/tensor/random.js";
export * from "./vocabulary.js";
export type { Face, FaceIdentity, FacePhoto, FaceProportions } from "./face.js";
export { faceAt, identityAt, photographOf, sampleFace, sampleIdentity, samplePhoto } from "./sample.js";
export { drawFace } from "./render.js";
export { facePictures, facePixels, faceRows, type FaceRows, type FaceRowsOptions } from "./rows.js";
export { faceTruth, type FaceTruth } from "./truth.js";
export { describeFace, describeIdentity } from "./describe.js";
export { runLengths } from "../run-lengths.js";
