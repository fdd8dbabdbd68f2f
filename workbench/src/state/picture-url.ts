/** Pictures as addresses for `<img>` and canvases: scenes are drawn here, files are those that were handed over. */
import { inTurn } from "../in-turn.js";
import { connection } from "./backend.svelte.js";
import { type PictureRef, pictureKey, type Scene } from "./picture.js";

const made = new Map<string, Promise<string | undefined>>();
/** Addresses kept; those of scenes that are being dragged would otherwise pile up. */
const KEPT = 96;

/** Undefined for a file that this page does not have. `side`: pixels that scenes are drawn at. */
export function pictureUrl(ref: PictureRef, side = 128): Promise<string | undefined> {
  const key = "picture" in ref ? ref.picture : `${side} ${pictureKey(ref)}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const url = "picture" in ref ? fileUrl(ref.picture) : sceneUrl(ref.scene, side);
  made.set(key, url);
  // A file that is handed over later has an address then.
  url.then(
    (found) => found ?? made.delete(key),
    () => made.delete(key),
  );
  forgetOldest();
  return url;
}

function fileUrl(id: string): Promise<string | undefined> {
  const bytes = connection.fileOf(id);
  return Promise.resolve(bytes && URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>])));
}

async function sceneUrl(scene: Scene, side: number): Promise<string> {
  const { renderScene } = await import("vitrine/scenes");
  await inTurn();
  const { width, height, data } = renderScene(scene, side);
  const pixels = new ImageData(width, height);
  for (let i = 0, to = 0; i < data.length; i += 3, to += 4) {
    pixels.data[to] = data[i]!;
    pixels.data[to + 1] = data[i + 1]!;
    pixels.data[to + 2] = data[i + 2]!;
    pixels.data[to + 3] = 255;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  return URL.createObjectURL(await canvas.convertToBlob());
}

function forgetOldest(): void {
  for (const [key, url] of made) {
    if (made.size <= KEPT) return;
    made.delete(key);
    void url.then((address) => {
      if (address !== undefined) URL.revokeObjectURL(address);
    });
  }
}
