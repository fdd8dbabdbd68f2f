/** Writes what `vitrine segment --out` asks for, picture by picture: tensors, heat maps, masks. */
import { join } from "node:path";
import { encodePng } from "../../engine/media/encode.js";
import { overlayHeatmap } from "../../engine/media/heatmap.js";
import { type RgbImage, rgbImage } from "../../engine/media/image.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import { largestMagnitude } from "../../methods/decompose/report/numbers.js";
import type { VisionConfig } from "../../models/clip/clip.js";
import { mapName, MAPS, stemOf, uniqueSlugs } from "../decompose/results-folder.js";

export const SEGMENTATION = "segmentation.safetensors";
const MASKS = "masks";

export interface SegmentFilesOptions {
  readonly pictures: readonly string[];
  readonly texts: readonly string[];
  /** Further metadata of the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What was found in one picture, for T texts. */
export interface SegmentedPicture {
  /** What the model saw of it. */
  readonly seen: RgbImage;
  /** [T,g,g] */
  readonly heat: Float32Array;
  /** T masks [S,S] of 0 and 1. */
  readonly foregrounds: readonly Uint8Array[];
}

export class SegmentFiles implements AsyncDisposable {
  readonly #folder: string;
  readonly #vision: VisionConfig;
  readonly #tensors: SafetensorsWriter;
  readonly #slugs: { readonly pictures: readonly string[]; readonly texts: readonly string[] };
  readonly #written: string[] = [];

  private constructor(folder: string, vision: VisionConfig, tensors: SafetensorsWriter, options: SegmentFilesOptions) {
    this.#folder = folder;
    this.#vision = vision;
    this.#tensors = tensors;
    this.#slugs = {
      pictures: uniqueSlugs(options.pictures.map(stemOf), "picture"),
      texts: uniqueSlugs(options.texts, "text"),
    };
  }

  /** Throws `DiskFullError`, `FileUnwritableError`, as do the methods. */
  static async create(folder: string, vision: VisionConfig, options: SegmentFilesOptions): Promise<SegmentFiles> {
    for (const name of [MAPS, MASKS]) await makeFolder(join(folder, name));
    const [pictures, texts] = [options.pictures.length, options.texts.length];
    const { grid, imageSize } = vision;
    const tensors = await SafetensorsWriter.create(
      join(folder, SEGMENTATION),
      [
        { name: "heat", dtype: "F32", shape: [pictures, texts, grid, grid] },
        { name: "foreground", dtype: "U8", shape: [pictures, texts, imageSize, imageSize] },
      ],
      {
        method: "segment",
        ...options.metadata,
        images: JSON.stringify(options.pictures),
        texts: JSON.stringify(options.texts),
      },
    );
    return new SegmentFiles(folder, vision, tensors, options);
  }

  /** One scale for the heat of all texts of a picture. */
  async add(index: number, { seen, heat, foregrounds }: SegmentedPicture): Promise<void> {
    const { grid } = this.#vision;
    await this.#tensors.writeRows("heat", index, heat);
    await this.#tensors.writeRows("foreground", index, Buffer.concat(foregrounds));
    const reach = largestMagnitude(heat) || 1;
    for (const [text, foreground] of foregrounds.entries()) {
      const name = mapName(this.#slugs.pictures[index]!, this.#slugs.texts[text]!);
      const values = heat.subarray(text * grid * grid, (text + 1) * grid * grid);
      const range = { min: -reach, max: reach };
      await this.#write(name, overlayHeatmap(seen, values, grid, grid, { map: "blue-red", range }));
      await this.#write(name.replace(MAPS, MASKS), blackAndWhite(foreground, seen));
    }
  }

  /** Completes the tensors and returns the paths of all files. */
  async finish(): Promise<string[]> {
    await this.#tensors.finish();
    return [join(this.#folder, SEGMENTATION), ...this.#written];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tensors[Symbol.asyncDispose]();
  }

  async #write(name: string, image: RgbImage): Promise<void> {
    const path = join(this.#folder, name);
    await writeWhole(path, await encodePng(image));
    this.#written.push(path);
  }
}

function blackAndWhite(foreground: Uint8Array, { width, height }: RgbImage): RgbImage {
  return rgbImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, (_, i) => 255 * foreground[Math.floor(i / 3)]!),
  );
}
