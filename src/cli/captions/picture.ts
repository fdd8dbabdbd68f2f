/** The picture that a caption is of. */
import { decodeImage } from "../../engine/media/decode.js";
import type { RgbImage } from "../../engine/media/image.js";
import { renderScene } from "../../worlds/scenes/index.js";
import { isSceneFile, readSceneFile } from "../pictures/scene-file.js";

/** Scenes are drawn at `size`. Throws the errors of `decodeImage` and `readSceneFile`. */
export async function readPicture(path: string, size: number, frame: number | undefined): Promise<RgbImage> {
  if (isSceneFile(path)) return renderScene(await readSceneFile(path), size);
  return decodeImage(path, frame === undefined ? {} : { frame });
}
