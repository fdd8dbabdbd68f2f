/** Pictures in the server's memory. */
import { createHash } from "node:crypto";
import { decodeImage } from "../engine/media/decode.js";
import type { RgbImage } from "../engine/media/image.js";
import { UnknownPictureError } from "../jobs/errors.js";
import type { PictureInfo, Pictures } from "../jobs/index.js";
import type { Limits } from "./limits.js";
import { Recent } from "./recent.js";

/**
 * Keeps the files that were used last, and the fewer that were decoded last: a photo of 12 million pixels takes a few MB as a file,
 * 36 MB decoded. Decodes one at a time, since one may take 200 MB.
 */
export class StoredPictures implements Pictures {
  readonly #maxPixels: number;
  readonly #files: Recent<Uint8Array>;
  readonly #images: Recent<RgbImage>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ pixels, keptPictureBytes, keptPixelBytes }: Limits) {
    this.#maxPixels = pixels;
    this.#files = new Recent(keptPictureBytes, (bytes) => bytes.length);
    this.#images = new Recent(keptPixelBytes, (image) => image.data.length);
  }

  async add(bytes: Uint8Array): Promise<PictureInfo> {
    const id = createHash("sha256").update(bytes).digest("hex");
    const { width, height } = await this.#decoded(id, bytes);
    this.#files.set(id, bytes);
    return { id, width, height };
  }

  async get(id: string): Promise<RgbImage> {
    const bytes = this.#files.get(id);
    if (bytes === undefined) throw new UnknownPictureError(id);
    return this.#decoded(id, bytes);
  }

  #decoded(id: string, bytes: Uint8Array): Promise<RgbImage> {
    const turn = this.#turn.then(async () => {
      const image = this.#images.get(id) ?? (await decodeImage(bytes, { maxPixels: this.#maxPixels }));
      this.#images.set(id, image);
      return image;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
