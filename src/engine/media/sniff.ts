/**
 * Tells a file's format from its first bytes, so that only formats meant to be read ever reach a decoder
 * (SVG and PDF, for instance, are never rendered).
 */
export type ImageFormat = "JPEG" | "PNG" | "WebP" | "AVIF" | "GIF" | "TIFF";

export type Sniffed =
  | { readonly kind: "readable"; readonly format: ImageFormat }
  | { readonly kind: "unsupported"; readonly looksLike: string; readonly fix: string }
  | { readonly kind: "foreign"; readonly looksLike: string };

const CONVERT = "convert it first (for example `magick in out.png`)";
const EXPORT = "export it to PNG at the size you need";

/** Magic numbers at the start of a file; `\xNN` by code unit. */
const READABLE: readonly (readonly [string, ImageFormat])[] = [
  ["\xff\xd8\xff", "JPEG"],
  ["\x89PNG\r\n\x1a\n", "PNG"],
  ["GIF87a", "GIF"],
  ["GIF89a", "GIF"],
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["II+\0", "TIFF"],
  ["MM\0+", "TIFF"],
];

const UNSUPPORTED: readonly (readonly [string, string, string])[] = [
  ["BM", "a BMP image", CONVERT],
  ["%PDF", "a PDF document", EXPORT],
  ["%!PS", "a PostScript document", EXPORT],
  ["8BPS", "a Photoshop document", EXPORT],
  ["\0\0\x01\0", "a Windows icon", CONVERT],
  ["\xff\x0a", "a JPEG XL image", CONVERT],
  ["\0\0\0\x0cJXL ", "a JPEG XL image", CONVERT],
  ["\0\0\0\x0cjP  ", "a JPEG 2000 image", CONVERT],
  ["\xff\x4f\xff\x51", "a JPEG 2000 image", CONVERT],
  ["\x76\x2f\x31\x01", "an OpenEXR image", CONVERT],
  ["#?RADIANCE", "a Radiance HDR image", CONVERT],
  ["qoif", "a QOI image", CONVERT],
];

const FOREIGN: readonly (readonly [string, string])[] = [
  ["PK\x03\x04", "a ZIP archive"],
  ["\x1f\x8b", "a gzip archive"],
  ["\x28\xb5\x2f\xfd", "a Zstandard archive"],
  ["\x7fELF", "a program"],
  ["\x93NUMPY", "a NumPy array"],
  ["\x1aE\xdf\xa3", "a Matroska or WebM video"],
  ["OggS", "an Ogg audio or video file"],
  ["ID3", "an MP3 audio file"],
];

const HEIF_BRANDS = new Set(["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"]);

export function sniff(bytes: Uint8Array): Sniffed {
  const head = latin1(bytes, 0, 1024);
  const readable = READABLE.find(([magic]) => head.startsWith(magic));
  if (readable) return { kind: "readable", format: readable[1] };
  if (head.startsWith("RIFF")) return sniffRiff(head);
  if (head.slice(4, 8) === "ftyp") return sniffIsoMedia(head);
  const unsupported = UNSUPPORTED.find(([magic]) => head.startsWith(magic));
  if (unsupported) return { kind: "unsupported", looksLike: unsupported[1], fix: unsupported[2] };
  if (/^P[1-7]\s/.test(head)) return { kind: "unsupported", looksLike: "a portable bitmap (PNM)", fix: CONVERT };
  const foreign = FOREIGN.find(([magic]) => head.startsWith(magic));
  return foreign ? { kind: "foreign", looksLike: foreign[1] } : sniffText(head);
}

function sniffRiff(head: string): Sniffed {
  if (head.slice(8, 12) === "WEBP") return { kind: "readable", format: "WebP" };
  return { kind: "foreign", looksLike: head.slice(8, 11) === "AVI" ? "an AVI video" : "a RIFF file without an image" };
}

/** ISO base media: the brands after `ftyp` tell AVIF from HEIC (which needs a patented codec) from video. */
function sniffIsoMedia(head: string): Sniffed {
  const size = (head.charCodeAt(2) << 8) | head.charCodeAt(3);
  const brands = [head.slice(8, 12), ...(head.slice(16, Math.max(16, size)).match(/[^]{4}/g) ?? [])];
  if (brands.includes("avif") || brands.includes("avis")) return { kind: "readable", format: "AVIF" };
  if (brands.some((brand) => HEIF_BRANDS.has(brand))) {
    return { kind: "unsupported", looksLike: "a HEIC image", fix: "convert it to JPEG or PNG first" };
  }
  return { kind: "foreign", looksLike: "an MP4 or QuickTime video" };
}

function sniffText(head: string): Sniffed {
  const text = head.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/<svg[\s>]/i.test(text) && text.startsWith("<")) {
    return { kind: "unsupported", looksLike: "an SVG drawing", fix: EXPORT };
  }
  if (/^<(!doctype html|html|head|body)/i.test(text)) return { kind: "foreign", looksLike: "an HTML page" };
  if (text.startsWith("version https://git-lfs")) return { kind: "foreign", looksLike: "a Git LFS pointer" };
  if (/^[{[]/.test(text)) return { kind: "foreign", looksLike: "JSON text" };
  // Control characters tell binary data from text.
  if (head !== "" && !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(head)) return { kind: "foreign", looksLike: "text" };
  return { kind: "foreign", looksLike: "unknown binary data" };
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
