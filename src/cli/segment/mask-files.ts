/** Masks that the user brings, one for each picture. */
import { UsageError } from "../../engine/errors.js";
import { decodeImage } from "../../engine/media/decode.js";
import { type Alignment, alignMask } from "../../methods/decompose/segmentation-mask.js";
import type { ClipParts } from "../../models/clip/clip.js";
import { isSceneFile } from "../pictures/scene-file.js";

export interface MaskOptions {
  readonly alignment: Alignment;
  /** Which frame of animated pictures is used. */
  readonly frame: number | undefined;
}

/** Throws `UsageError` unless there are as many masks as pictures. */
export function checkMaskCount(masks: readonly string[], pictures: number): void {
  if (masks.length === pictures) return;
  throw new UsageError({
    what: "masks and pictures must go together",
    got: `${masks.length} of --mask for ${pictures} ${pictures === 1 ? "picture" : "pictures"}`,
    expected: "one --mask for each picture, in the same order",
    fix: "add the missing ones, or leave all of them out",
  });
}

/**
 * The mask of a picture (unless that comes from a file of pixels) as labels [S,S] of what the model sees. Throws `UsageError`
 * for a mask of further colours or of another size than its picture, and the errors of `decodeImage`.
 */
export async function readMask(
  path: string,
  picture: string | undefined,
  parts: ClipParts,
  { alignment, frame }: MaskOptions,
): Promise<Uint8Array> {
  const mask = await decodeImage(path);
  // Scenes have no size of their own.
  if (picture !== undefined && !isSceneFile(picture)) {
    const { width, height } = await decodeImage(picture, frame === undefined ? {} : { frame });
    if (mask.width !== width || mask.height !== height) {
      throw new UsageError({
        what: "a mask of another size than its picture",
        where: path,
        got: `${mask.width}×${mask.height}`,
        expected: `${width}×${height}, as ${picture}`,
        fix: "give masks in the order of the pictures, each as large as its own",
      });
    }
  }
  return alignMask(mask, parts, alignment, path);
}
