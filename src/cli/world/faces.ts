import { describeFace, drawFace, type Face, faceAt, faceTruth, runLengths } from "../../worlds/faces/index.js";
import type { Drawn, DrawOptions } from "./drawn.js";

/** The same faces as `faceRows` of the seed. */
export function drawFaces({ count, seed }: DrawOptions): Drawn[] {
  return Array.from({ length: count }, (_, i) => {
    const face = faceAt(seed, i);
    return {
      text: describeFace(face),
      picture: (size) => drawFace(face, size),
      told: (size) => told(face, size),
    };
  });
}

/** Masks as run lengths. */
function told(face: Face, size: number): object {
  const { masks, landmarks } = faceTruth(face, size);
  const runs = Object.fromEntries(Object.entries(masks).map(([part, mask]) => [part, runLengths(mask)]));
  return { ...face, description: describeFace(face), truth: { masks: runs, landmarks } };
}
