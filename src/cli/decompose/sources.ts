/** Where the model's input comes from: picture files, or a file of pixels. Either way, a batch at a time. */
import { showShape } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { MissingTensorError, quote } from "../../engine/weights/errors.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import type { Clip } from "../../models/clip/clip.js";
import { PixelShapeError } from "../../models/clip/errors.js";
import { PixelValueError } from "../errors.js";
import { PictureThreads } from "./picture-threads.js";
import { pixelsOf } from "./picture-worker.js";
import { stemOf } from "./results-folder.js";

export interface PixelSource extends AsyncDisposable {
  /** What each picture is called, in order. */
  readonly names: readonly string[];
  /** The pixels [b,3,S,S] of the pictures from `start` to before `end`. */
  read(start: number, end: number): Promise<FloatTensor>;
}

/**
 * Decodes and fits pictures when they are read, on threads of their own where there are more than `few`. `read` throws the
 * errors of `decodeImage`.
 */
export function pictureSource(
  clip: Clip,
  paths: readonly string[],
  { frame, few }: { readonly frame: number | undefined; readonly few: number },
): PixelSource {
  const { preprocessing, vision } = clip.parts;
  const side = vision.imageSize;
  const threads = paths.length > few ? new PictureThreads() : undefined;
  return {
    names: paths,
    async read(start, end) {
      const jobs = paths.slice(start, end).map((path) => ({ path, frame, size: side, preprocessing }));
      const pixels = new Float32Array(jobs.length * 3 * side * side);
      const take = (i: number, one: Float32Array): void => {
        pixels.set(one, i * one.length);
      };
      if (threads !== undefined) await threads.run(jobs, take);
      // One after the other: a decoded photo can be a hundred times as large as what the model sees of it.
      else for (const [i, job] of jobs.entries()) take(i, await pixelsOf(job));
      return floatTensor(pixels, [jobs.length, 3, side, side]);
    },
    async [Symbol.asyncDispose]() {
      await threads?.[Symbol.asyncDispose]();
    },
  };
}

const FLOATS: readonly string[] = ["F64", "F32", "F16", "BF16"];

/** As {@link pixelRows}, of the pictures that a CLIP takes. */
export async function pixelFileSource(clip: Clip, path: string): Promise<PixelSource> {
  const side = clip.parts.vision.imageSize;
  return pixelRows(path, { ref: clip.parts.ref, shape: [3, side, side], fix: CLIP_PIXELS });
}

const CLIP_PIXELS = "make them with this model's preprocessing (see `vitrine models info`), or pass --image-size";

/** What reads a file of pixels. */
interface PixelReader {
  readonly ref: string;
  /** Of one picture. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** How to mend pixels of another shape. */
  readonly fix: string;
}

/**
 * Reads rows of the tensor `pixels` [B,C,H,W] of a file. Throws `MissingTensorError`, {@link PixelShapeError} and the errors
 * of weight files; `read` throws {@link PixelValueError}.
 */
export async function pixelRows(path: string, { ref, shape, fix }: PixelReader): Promise<PixelSource> {
  const file = await openCheckpoint(path);
  if (!file.has("pixels")) throw noPixels(path, file.names());
  const stored = file.get("pixels");
  const [count = 0, ...rest] = stored.shape;
  const fits = stored.shape.length === 4 && count > 0 && showShape(rest) === showShape(shape);
  if (!fits || !FLOATS.includes(stored.dtype)) {
    throw new PixelShapeError({
      what: "pixels do not fit the model",
      where: `${path}: tensor "pixels"`,
      got: `${stored.dtype} ${showShape(stored.shape)}`,
      expected: `floats [B,${shape.join(",")}] for ${ref}, B at least 1`,
      fix,
    });
  }
  const name = stemOf(path);
  return {
    names: Array.from({ length: count }, (_, i) => `${name}[${i}]`),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    read(start, end) {
      const pixels = readStored(stored, { rows: [start, end] });
      const bad = pixels.data.findIndex((x) => !Number.isFinite(x));
      if (bad < 0) return Promise.resolve(pixels);
      const row = start + Math.floor((bad / pixels.data.length) * (end - start));
      throw new PixelValueError({
        what: "pixels are not finite numbers",
        where: `${path}: tensor "pixels", row ${row}`,
        got: String(pixels.data[bad]),
        fix: "make the file again",
      });
    },
  };
}

function noPixels(path: string, names: readonly string[]): MissingTensorError {
  const shown = names.slice(0, 3).map(quote).join(", ");
  return new MissingTensorError({
    what: 'no tensor "pixels"',
    where: path,
    got: names.length === 0 ? "no tensors" : `${names.length} tensors such as ${shown}`,
    expected: "pixels [B,3,H,W], normalised",
    fix: "name the tensor `pixels`, or give pictures instead of --pixels",
  });
}

/**
 * Batches of `size` pictures; the last may be smaller. While one is in use, the next is read: two are in memory at a time.
 */
export async function* batchesOf(
  source: PixelSource,
  size: number,
): AsyncGenerator<{ readonly start: number; readonly pixels: FloatTensor }> {
  const { length } = source.names;
  const readFrom = (start: number): Promise<FloatTensor> | undefined => {
    if (start >= length) return undefined;
    const batch = (async () => source.read(start, Math.min(start + size, length)))();
    // Its failure is reported when its turn comes; until then Node must not take it for unhandled.
    batch.catch(() => undefined);
    return batch;
  };
  let next = readFrom(0);
  for (let start = 0; next !== undefined; start += size) {
    const pixels = await next;
    next = readFrom(start + size);
    yield { start, pixels };
  }
}
