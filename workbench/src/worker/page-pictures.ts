/** Pictures that the page handed over, in memory. They never leave the machine. */
import { decodeImageInBrowser, type RgbImage, sha256, UnknownPictureError } from "vitrine/browser";
import type { Pictures } from "vitrine/jobs";

/** Bytes of decoded pictures that are kept; the least recently used go first. */
const ROOM = 512 * 1024 * 1024;

export function pagePictures(): Pictures {
  const kept = new Map<string, RgbImage>();
  const touch = (id: string, image: RgbImage): void => {
    kept.delete(id);
    kept.set(id, image);
  };
  return {
    async add(bytes) {
      const own = new Uint8Array(bytes);
      const id = await sha256(own);
      const image = kept.get(id) ?? (await decodeImageInBrowser(own));
      touch(id, image);
      makeRoom(kept);
      return { id, width: image.width, height: image.height };
    },
    async get(id) {
      const image = kept.get(id);
      if (image === undefined) throw new UnknownPictureError(id);
      touch(id, image);
      return Promise.resolve(image);
    },
  };
}

function makeRoom(kept: Map<string, RgbImage>): void {
  let bytes = 0;
  for (const { data } of kept.values()) bytes += data.length;
  for (const [id, { data }] of kept) {
    if (bytes <= ROOM || kept.size === 1) return;
    kept.delete(id);
    bytes -= data.length;
  }
}
