/** What is known of a picture of a face, pixel by pixel. */
import { DEPTH, buildOf, project } from "./build.js";
import { pixelAt } from "./canvas.js";
import type { Face } from "./face.js";
import { paintFace } from "./render.js";
import { FACE_PARTS, type FacePart } from "./vocabulary.js";

/** In pixels, from the picture's upper left corner. */
type Point = readonly [x: number, y: number];

export interface FaceTruth {
  /** [size, size]: the place in `FACE_PARTS` of what each pixel shows. */
  readonly parts: Uint8Array;
  /** [size, size] for each part: 1 where a pixel shows it. They do not overlap, and leave no pixel out. */
  readonly masks: Readonly<Record<FacePart, Uint8Array>>;
  /** Left and right are the picture's. What is hidden has a place, too. */
  readonly landmarks: Readonly<Record<"leftEye" | "rightEye" | "nose" | "mouth", Point>>;
}

/**
 * A pixel shows a part when that part is the last that covers half of it or more. Stubble and the clear glass of spectacles
 * cover nothing; what lies behind them is what is shown. Throws `UsageError` as {@link drawFace} does.
 */
export function faceTruth(face: Face, size: number): FaceTruth {
  const parts = paintFace(face, size).parts.slice();
  const masks = Object.fromEntries(
    FACE_PARTS.map((part, place) => [part, parts.map((shown) => (shown === place ? 1 : 0))]),
  ) as Record<FacePart, Uint8Array>;
  return { parts, masks, landmarks: landmarksOf(face, size) };
}

function landmarksOf(face: Face, size: number): FaceTruth["landmarks"] {
  const build = buildOf(face, size);
  const { eyes, mouth, head } = build;
  const at = (x: number, y: number, z: number): Point => pixelAt(head, ...project(build, x, y, z));
  return {
    leftEye: at(-eyes.x, eyes.y, 0.9 * DEPTH),
    rightEye: at(eyes.x, eyes.y, 0.9 * DEPTH),
    nose: at(0, 0.34, 0.92),
    mouth: at(0, mouth.y, 0.8 * DEPTH),
  };
}
