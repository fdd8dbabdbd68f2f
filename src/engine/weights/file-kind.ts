import { headerLooksSound } from "./safetensors/sniff.js";
import { isLegacyTorch } from "./torch/legacy.js";

export type WeightFormat = "safetensors" | "torch";

export interface FileKind {
  /** Absent when the file holds no weights that Vitrine reads. */
  readonly format?: WeightFormat;
  /** What the file looks like, for messages: "an HTML page". */
  readonly looksLike: string;
}

/** Bytes of a file's start that {@link kindOfFile} looks at. */
export const SNIFF_BYTES = 1024;

/** Tells a file's kind by its content; names lie, and files in a hub cache have none. `start`: its first bytes. */
export function kindOfFile(start: Uint8Array): FileKind {
  if (start.length === 0) return { looksLike: "an empty file" };
  if (headerLooksSound(start)) return { format: "safetensors", looksLike: "a safetensors file" };
  if (isLegacyTorch(start)) return { format: "torch", looksLike: "a torch file" };
  const text = Buffer.from(start).toString("latin1");
  // An archive without entries has the third signature first; its reader says so.
  if (/^PK(\x03\x04|\x05\x06|\x06\x06)/.test(text)) return { format: "torch", looksLike: "a zip archive" };
  const match = SIGNATURES.find(([pattern]) => pattern.test(text));
  return { looksLike: match?.[1] ?? "a file of unknown kind" };
}

/** Over the file's start, one character per byte. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^version https:\/\/git-lfs/, "a Git LFS pointer, not the file it stands for"],
  [/^\s*<(!doctype html|html|head|body)/i, "an HTML page"],
  [/^\s*<\?xml/i, "an XML file"],
  [/^\x89PNG/, "a PNG image"],
  [/^\xff\xd8\xff/, "a JPEG image"],
  [/^GIF8/, "a GIF image"],
  [/^RIFF....WEBP/s, "a WebP image"],
  [/^%PDF/, "a PDF document"],
  [/^\x1f\x8b/, "a gzip archive"],
  [/^BZh/, "a bzip2 archive"],
  [/^\xfd7zXZ/, "an xz archive"],
  [/^7z\xbc\xaf/, "a 7z archive"],
  [/^.{257}ustar/s, "a tar archive"],
  [/^\x89HDF/, "an HDF5 file (Keras weights, perhaps)"],
  [/^\x93NUMPY/, "a NumPy array"],
  [/^GGUF/, "a GGUF model"],
  [/^.{4}TFL3/s, "a TensorFlow Lite model"],
  // ir_version, then the producer's name: how every ONNX exporter begins.
  [/^\x08[\x01-\x20](\x12|\x1a|:|B)/, "an ONNX model"],
  [/^\x80[\x02-\x05]/, "a Python pickle that torch.save did not write"],
  [/^[[{]/, "a JSON file"],
  [/^[\t\n\r\x20-\x7e]+$/, "a text file"],
];
