/**
 * A thread that makes model input of picture files, while the model runs on the main thread and blocks it.
 *
 * @file Each {@link PictureJob} is answered by pixels [3,S,S], or by `undefined` when the picture is unusable: errors lose
 * their class between threads, so the main thread meets them again itself.
 */
import { parentPort } from "node:worker_threads";
import { decodeImage } from "../../engine/media/decode.js";
import { toPixels } from "../../engine/media/pixels.js";
import { fitImage, type Preprocessing } from "../../models/clip/preprocess.js";
import { renderScene } from "../../worlds/scenes/index.js";
import { isSceneFile, readSceneFile } from "../pictures/scene-file.js";

export interface PictureJob {
  readonly path: string;
  readonly frame: number | undefined;
  readonly size: number;
  readonly preprocessing: Preprocessing;
}

export type PictureAnswer = Float32Array<ArrayBuffer> | undefined;

/** What a job asks for; scenes are drawn at the model's size. Throws the errors of `decodeImage` and `readSceneFile`. */
export async function pixelsOf({ path, frame, size, preprocessing }: PictureJob): Promise<Float32Array> {
  const image = isSceneFile(path)
    ? renderScene(await readSceneFile(path), size)
    : await decodeImage(path, frame === undefined ? {} : { frame });
  return toPixels([fitImage(image, size, preprocessing)], preprocessing).data;
}

parentPort?.on("message", (job: PictureJob) => void answer(job));

async function answer(job: PictureJob): Promise<void> {
  const pixels = await pixelsOf(job).catch(() => undefined);
  parentPort!.postMessage(pixels, pixels === undefined ? [] : [pixels.buffer as ArrayBuffer]);
}
